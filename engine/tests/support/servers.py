"""Stores behind a network: versitygw for S3, rest-server for REST, both real, with an empty folder of their own."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

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


class Certificates(NamedTuple):
    """PEM files."""

    authority: Path
    server: Path
    """For 127.0.0.1."""
    key: Path
    """The server's."""


def own_authority(folder: Path) -> Certificates:
    """An authority that nobody knows, and a server that it vouches for."""
    ours, servers = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    files = Certificates(folder / "authority.pem", folder / "server.pem", folder / "key.pem")
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    basic = x509.BasicConstraints(ca=True, path_length=0)
    files.authority.write_bytes(_signed("authority", ours, basic, by=ours))
    files.server.write_bytes(_signed("server", servers, names, by=ours))
    files.key.write_bytes(
        servers.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def _signed(
    name: str, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType, by: ec.EllipticCurvePrivateKey
) -> bytes:
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(_named(name)).issuer_name(_named("authority"))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = (
        builder.not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(extension, critical=False)
    )
    return builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


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
