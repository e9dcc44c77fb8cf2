"""From what people write to a store: an address on a command line, or the fields of a BackupStorageLocation.

Fields and keys are those of Velero 1.18 and of its AWS plugin 1.14 (`config` of a location).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store, from_url

from holdfast.store import credentials, settings
from holdfast.store.errors import AddressError
from holdfast.store.stores import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.api.velero import LocationSpec, ObjectStorage

SCHEMES = ("file", "s3", "gs", "az")
_CREDENTIALS = ".aws/credentials"


def from_address(address: str, environment: Mapping[str, str] = os.environ) -> Store:
    """The store at `file:/folder`, `s3://bucket/prefix`, `gs://…` or `az://…`.

    For buckets the environment says the rest, as for the tools of their makers: AWS_ACCESS_KEY_ID, AWS_PROFILE,
    AWS_ENDPOINT_URL, AWS_REGION and so on.

    Raises:
        AddressError: it is none of these, or the folder does not exist.
    """
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES:
        forms = "file:/folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
        raise AddressError(f"{address!r} is not the address of a store: write {forms}")
    if parts.scheme == "file":
        return from_folder(Path(parts.path))
    if not parts.netloc:
        raise AddressError(f"{address!r} names no bucket: write {parts.scheme}://bucket/prefix")
    if parts.scheme == "s3":
        return _s3(parts.netloc, parts.path.strip("/"), _from_environment(environment))
    return _opened(lambda: Store(from_url(address), address), address)


def from_folder(folder: Path) -> Store:
    """A folder as a store.

    Raises:
        AddressError: there is no such folder.
    """
    if not folder.is_dir():
        raise AddressError(f"there is no folder {folder}: check the path, or make it")
    return Store(LocalStore(folder), f"file:{folder}")


def from_location(spec: LocationSpec, credential: str | None, certificate: str | None = None) -> Store:
    """The store of a BackupStorageLocation.

    Args:
        spec: its spec.
        credential: content of the Secret's key that it names; None: whatever the environment has.
        certificate: content of the key that `caCertRef` names, in PEM.

    Raises:
        AddressError: a provider that is not known here, or fields that contradict each other.
    """
    if spec.provider == "file":
        return from_folder(Path("/", spec.object_storage.bucket, spec.object_storage.prefix))
    if spec.provider not in {"aws", "velero.io/aws"}:
        raise AddressError(f"provider {spec.provider!r} is not known: aws and file are")
    storage = spec.object_storage
    inside = _from_fields(spec, credential, _trusted(storage, certificate))
    outside = {"endpoint": spec.config["publicUrl"]} if "publicUrl" in spec.config else {}
    return _s3(storage.bucket, storage.prefix.strip("/"), inside, outside)


def _s3(bucket: str, prefix: str, inside: dict[str, Any], outside: dict[str, Any] | None = None) -> Store:
    """A bucket; `outside` are settings under which its objects are addressed for others."""
    address = f"s3://{bucket}/{prefix}".rstrip("/")

    def opening() -> Store:
        inner = S3Store(bucket, prefix=prefix or None, **inside)
        signing = S3Store(bucket, prefix=prefix or None, **inside | outside) if outside else inner
        return Store(inner, address, signing)

    return _opened(opening, address)


def _opened(opening: Any, address: str) -> Store:  # noqa: ANN401  (a call without arguments)
    try:
        store: Store = opening()
    except (BaseError, ValueError) as error:
        said = str(error).partition("\n")[0]
        raise AddressError(f"{address} cannot be opened: {said}") from None
    return store


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
    found: dict[str, Any] = {"client_options": {"allow_http": endpoint.startswith("http:")}}
    if "AWS_REGION" not in environment and "AWS_DEFAULT_REGION" not in environment:
        found["region"] = "us-east-1"
    if "AWS_ACCESS_KEY_ID" in environment:
        return found
    home = Path(environment.get("HOME", "/"))
    file = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / _CREDENTIALS)
    profile = environment.get("AWS_PROFILE", credentials.DEFAULT)
    if file.is_file():
        found |= credentials.read(_content(file), profile, source=str(file))
    return found


def _content(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not text"
        raise AddressError(
            f"{file} cannot be read: {said}; correct it, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ) from None


def _trusted(storage: ObjectStorage, referred: str | None) -> bytes | None:
    """The certificates in PEM that the server's is checked with, beside those of the system."""
    if referred is not None and storage.ca_cert:
        raise AddressError(f"bucket {storage.bucket} has both caCert and caCertRef: keep one of them")
    if referred is not None:
        return referred.encode()
    if not storage.ca_cert:
        return None
    try:
        return base64.b64decode(storage.ca_cert, validate=True)
    except ValueError:
        raise AddressError(
            f"caCert of bucket {storage.bucket} is not in base64: encode the PEM file"
        ) from None


def _from_fields(spec: LocationSpec, credential: str | None, certificate: bytes | None) -> dict[str, Any]:
    found = settings.of_bucket(spec.config, certificate)
    if credential is not None:
        source = f"the credential of bucket {spec.object_storage.bucket}"
        profile = spec.config.get("profile", credentials.DEFAULT)
        found |= credentials.read(credential, profile, source=source)
    return found
