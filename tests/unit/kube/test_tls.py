from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from holdfast.kube import errors, tls

PASSPHRASE = serialization.BestAvailableEncryption(b"passphrase")
OPEN = serialization.NoEncryption()


def certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pem(
    key: ec.EllipticCurvePrivateKey, encryption: serialization.KeySerializationEncryption = OPEN
) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


KEY, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def test_a_certificate_is_used_without_leaving_anything_open() -> None:
    before = sorted(Path("/dev/fd").iterdir())
    assert tls.context(tls.Trust(authority=certificate(KEY)), tls.Certificate(certificate(KEY), pem(KEY)))
    assert sorted(Path("/dev/fd").iterdir()) == before


@pytest.mark.parametrize(
    ("chain", "key", "told"),
    [
        (certificate(KEY), pem(OTHER), "cannot be used"),
        (certificate(KEY), b"junk", "cannot be used"),
        (b"junk", pem(KEY), "cannot be used"),
        (certificate(KEY), pem(KEY, PASSPHRASE), "without a passphrase"),
    ],
)
def test_certificates_that_cannot_be_used(chain: bytes, key: bytes, told: str) -> None:
    with pytest.raises(errors.AccessError, match=told):
        tls.context(tls.Trust(), tls.Certificate(chain, key))


@pytest.mark.parametrize("authority", [b"junk", b"\xff"])
def test_an_authority_that_is_none_does_not_mean_the_systems(authority: bytes) -> None:
    with pytest.raises(errors.AccessError, match="certificate authority cannot be used"):
        tls.context(tls.Trust(authority=authority), None)
