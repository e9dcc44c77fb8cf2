from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from holdfast.api.velero import KeyRef, LocationSpec, ObjectStorage
from holdfast.store import locating, settings
from holdfast.store.errors import AddressError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_credentials_file_that_is_no_text_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"\xff\xfe")

    with pytest.raises(AddressError, match=r"keys cannot be read: .*AWS_ACCESS_KEY_ID"):
        locating.from_address("s3://bucket", {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys")})


def test_two_certificates_for_one_bucket_are_refused() -> None:
    storage = ObjectStorage(bucket="shop", ca_cert="YQ==", ca_cert_ref=KeyRef(name="ca", key="pem"))

    with pytest.raises(AddressError, match="bucket shop has both caCert and caCertRef"):
        locating.from_location(LocationSpec(provider="aws", object_storage=storage), None, "PEM")


def bucket(**config: str) -> dict[str, object]:
    """How a bucket with this config is opened."""
    return settings.of_bucket(config, None)


def test_encryption_that_was_asked_for_is_asked_of_the_store() -> None:
    assert "server_side_encryption" not in bucket(region="eu-central-1")
    assert bucket(serverSideEncryption="AES256")["server_side_encryption"] == "AES256"
    with_key = bucket(kmsKeyId="alias/backups")
    assert (with_key["server_side_encryption"], with_key["sse_kms_key_id"]) == ("aws:kms", "alias/backups")
    spec = LocationSpec(provider="aws", config={"kmsKeyId": "k"}, object_storage=ObjectStorage(bucket="b"))
    assert locating.from_location(spec, None).address == "s3://b"


@pytest.mark.parametrize(
    "key", ["customerKeyEncryptionFile", "customerKeyEncryptionSecret", "tagging", "Region"]
)
def test_what_cannot_be_followed_is_refused_by_name(key: str) -> None:
    with pytest.raises(AddressError, match=rf"config\.{key} is not"):
        bucket(**{key: "x"})


def test_what_concerns_only_veleros_own_library_is_accepted() -> None:
    bucket(signatureVersion="4", enableSharedConfig="true", checksumAlgorithm="")
