from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from holdfast.api.velero import KeyRef, LocationSpec, ObjectStorage
from holdfast.store import locating
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
