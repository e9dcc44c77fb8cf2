"""The cluster's certificates: one authority, the API server's certificate, one client certificate per user.

EC keys, made in milliseconds, valid for ten years, unencrypted: good for tests only.
"""

import base64
import datetime as dt
import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from holdfast_sandbox.layout import Layout, Settings
from holdfast_sandbox.node.configuring import NAME

ADMINISTRATORS = "system:masters"
USERS = {
    "admin": ADMINISTRATORS,
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
    "provisioner": ADMINISTRATORS,
    "snapshotter": ADMINISTRATORS,
    "snapshot-controller": ADMINISTRATORS,
    f"system:node:{NAME}": "system:nodes",
}
_HOSTS = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
COMPLETE = "complete-2"  # the number changes with what is made
_LIFE = dt.timedelta(days=3650)


@dataclass(frozen=True)
class _Pair:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write(self, stem: Path) -> None:
        _write(stem.with_suffix(".key"), _key_pem(self.key))
        _write(stem.with_suffix(".crt"), self.certificate.public_bytes(serialization.Encoding.PEM))


def ensure(layout: Layout, settings: Settings) -> None:
    """Make keys and certificates unless they are there; write all kubeconfigs for this API server."""
    if not (layout.pki / COMPLETE).exists():
        _make(layout.pki, settings)
    server = f"https://{settings.host}:{settings.api_port}"
    for user in USERS:
        _write_kubeconfig(layout, user, layout.user_kubeconfig(user), server)
    _write_kubeconfig(layout, "admin", layout.kubeconfig, server)


def _make(folder: Path, settings: Settings) -> None:
    authority = _authority()
    addresses = ("127.0.0.1", settings.service, settings.machine)
    authority.write(folder / "ca")
    _sign(authority, "apiserver", "", addresses).write(folder / "apiserver")
    for user, group in USERS.items():
        _sign(authority, user, group).write(folder / user)
    _write(folder / "service-accounts.key", _key_pem(ec.generate_private_key(ec.SECP256R1())))
    (folder / COMPLETE).touch()


def _authority() -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "holdfast-sandbox")])
    builder = _builder(name, name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    return _Pair(key, builder.sign(key, hashes.SHA256()))


def _sign(authority: _Pair, user: str, group: str, addresses: Sequence[str] = ()) -> _Pair:
    """A certificate of a user, or with addresses of a server."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    if group:
        names.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    usage = ExtendedKeyUsageOID.SERVER_AUTH if addresses else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = _builder(authority.certificate.subject, x509.Name(names), key)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if addresses:
        names_of_server = x509.SubjectAlternativeName(_alternatives(addresses))
        builder = builder.add_extension(names_of_server, critical=False)
    return _Pair(key, builder.sign(authority.key, hashes.SHA256()))


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _LIFE)
    )


def _alternatives(addresses: Sequence[str]) -> list[x509.GeneralName]:
    numbers = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    return [*numbers, *(x509.DNSName(host) for host in _HOSTS)]


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _write_kubeconfig(layout: Layout, user: str, path: Path, server: str) -> None:
    def data(name: str) -> str:
        return base64.b64encode((layout.pki / name).read_bytes()).decode()

    cluster = {"server": server, "certificate-authority-data": data("ca.crt")}
    credentials = {"client-certificate-data": data(f"{user}.crt"), "client-key-data": data(f"{user}.key")}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "sandbox",
        "clusters": [{"name": "sandbox", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
    }
    _write(path, json.dumps(config, indent=1).encode())
