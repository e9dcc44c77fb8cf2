"""Files that somebody else wrote: sealed as the format asks, with whatever they shall say."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305
from engine.tests.support.tools import PASSWORD

from holdfast_engine.reference.envelopes import IV, Key, master_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from pathlib import Path


def lock(place: Path, *, age: timedelta, host: str, pid: int = 4_000_000, exclusive: bool = False) -> Path:
    """A lock of so long ago; its process is none of this machine's."""
    said = {
        "time": (datetime.now(UTC) - age).isoformat(),
        "exclusive": exclusive,
        "hostname": host,
        "username": "somebody",
        "pid": pid,
    }
    return stored(place, _sealed(_key(place), json.dumps(said).encode()))


def config(place: Path, said: Mapping[str, object]) -> None:
    """Another configuration instead of the one that is there."""
    path = place / "config"
    path.chmod(0o600)
    path.write_bytes(_sealed(_key(place), json.dumps(said).encode()))


def stored(place: Path, envelope: bytes) -> Path:
    """A file among the locks, named after its content."""
    path = place / "locks" / hashlib.sha256(envelope).hexdigest()
    path.write_bytes(envelope)
    return path


def _key(place: Path) -> Key:
    (file,) = (place / "keys").iterdir()
    key = master_key(file.read_bytes(), PASSWORD)
    assert key
    return key


def _sealed(key: Key, content: bytes) -> bytes:
    iv = os.urandom(IV)
    ciphertext = Cipher(algorithms.AES(key.encrypt), modes.CTR(iv)).encryptor().update(content)
    nonce = Cipher(algorithms.AES(key.k), modes.ECB()).encryptor().update(iv)  # noqa: S305  (of one block)
    return iv + ciphertext + Poly1305.generate_tag(key.r + nonce, ciphertext)
