"""Envelopes and keys.

Everything that is encrypted lies in an envelope: `IV (16) || AES-256-CTR of the content || MAC (16)`. The MAC
is Poly1305 over the ciphertext alone; its one-time key is `r || AES-128(k, IV)`. `(encrypt, k, r)` is a key of
64 bytes.

A repository has one master key, random and never changed. Each file under `keys/` holds it in an envelope,
under a key that scrypt makes of a password. Removing a password therefore takes nothing back from who has seen
the master key.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

IV = 16
MAC = 16


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """Opens envelopes."""

    encrypt: bytes
    k: bytes
    r: bytes

    @classmethod
    def from_bytes(cls, key: bytes) -> Self:
        """The form in which scrypt gives a key."""
        return cls(encrypt=key[:32], k=key[32:48], r=key[48:64])

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """The form in which the master key lies in the envelope of a key file."""
        fields = json.loads(text)
        mac = fields["mac"]
        return cls(encrypt=b64decode(fields["encrypt"]), k=b64decode(mac["k"]), r=b64decode(mac["r"]))

    def open(self, envelope: bytes) -> bytes | None:
        """The content, or None when the MAC does not fit: another key, or damage."""
        if len(envelope) < IV + MAC:
            return None
        iv, ciphertext, tag = envelope[:IV], envelope[IV:-MAC], envelope[-MAC:]
        # ECB of one block is the block cipher itself, which Poly1305-AES asks for.
        nonce = Cipher(algorithms.AES(self.k), modes.ECB()).encryptor().update(iv)  # noqa: S305
        try:
            Poly1305.verify_tag(self.r + nonce, ciphertext, tag)
        except InvalidSignature:
            return None
        return Cipher(algorithms.AES(self.encrypt), modes.CTR(iv)).decryptor().update(ciphertext)


def master_key(key_file: bytes, password: str) -> Key | None:
    """The master key of a key file (JSON), or None when the password is not the one of this file."""
    fields = json.loads(key_file)
    n, r, p = fields["N"], fields["r"], fields["p"]
    memory = 128 * r * (n + p + 2)
    salt = b64decode(fields["salt"])
    derived = hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=64)
    content = Key.from_bytes(derived).open(b64decode(fields["data"]))
    return None if content is None else Key.from_json(content)
