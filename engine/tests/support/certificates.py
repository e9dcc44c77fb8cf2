"""Certificates that nobody knows, as PEM files."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """PEM files of somebody."""

    name: str
    cert: Path
    key: Path
    private: ec.EllipticCurvePrivateKey


def authority(folder: Path, *, host: str = "", ends: dt.timedelta = DAY) -> Certificate:
    """Signs itself; with a host's address it can stand for a server, too."""
    return _made(folder, "authority", host=host, ends=ends, by=None)


def server(folder: Path, by: Certificate) -> Certificate:
    """For 127.0.0.1, vouched for by an authority."""
    return _made(folder, "server", host="127.0.0.1", ends=DAY, by=by)


def _made(folder: Path, name: str, *, host: str, ends: dt.timedelta, by: Certificate | None) -> Certificate:
    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    made = Certificate(name, folder / f"{name}.pem", folder / f"{name}-key.pem", key)
    signer = by or made
    start = dt.datetime.now(dt.UTC) - 2 * DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(signer.name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + 2 * DAY + ends)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if host:
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        builder = builder.add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    made.cert.write_bytes(builder.sign(signer.private, hashes.SHA256()).public_bytes(pem))
    made.key.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
