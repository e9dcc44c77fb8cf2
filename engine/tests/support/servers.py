"""Stores behind a network: versitygw for S3, rest-server for REST, both real, with an empty folder of their own."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from engine.tests.support.waiting import eventually

from holdfast_sandbox.tools import peer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BUCKET = "bucket"
ACCESS, SECRET = "tester", "tester's secret"


@dataclass(frozen=True)
class Store:
    """Where repositories can be made."""

    kind: str
    base: str
    """Location without a repository's name."""
    files: Path
    """Where the server keeps what it gets."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Credentials."""

    def place(self, name: str) -> str:
        """A repository's location."""
        return f"{self.base}/{name}"


@contextmanager
def s3(folder: Path) -> Iterator[Store]:
    """A bucket."""
    (folder / BUCKET).mkdir(parents=True)
    port = free_port()
    words: list[str | Path] = [peer("versitygw"), "--port", f"127.0.0.1:{port}", "--quiet", "posix", folder]
    keys = {"ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET}
    mine = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
    with _running(words, port, keys):
        yield Store("s3", f"s3:http://127.0.0.1:{port}/{BUCKET}", folder / BUCKET, mine)


@contextmanager
def rest(folder: Path, *flags: str | Path) -> Iterator[Store]:
    """A REST server; with `--tls…` flags its location begins with https."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    scheme = "https" if "--tls" in flags else "http"
    words: list[str | Path] = [peer("rest-server"), "--listen", f"127.0.0.1:{port}", "--path", folder, *flags]
    if "--htpasswd-file" not in flags:
        words.append("--no-auth")
    with _running(words, port, {}):
        yield Store("rest", f"rest:{scheme}://127.0.0.1:{port}", folder)


def free_port() -> int:
    """Nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - dt.timedelta(days=1))
    builder = builder.not_valid_after(now + dt.timedelta(days=1)).add_extension(names, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(secret)
    return folder / "certificate.pem", folder / "key.pem"


@contextmanager
def _running(words: list[str | Path], port: int, env: Mapping[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, env=dict(env), stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            eventually(lambda: _answers(port) or process.poll() is not None)
            assert process.poll() is None, f"{words[0]} ended with {process.returncode}"
            yield
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
