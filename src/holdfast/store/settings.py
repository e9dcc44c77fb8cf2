"""What the `config` of a location says to the store library. Keys: Velero's AWS plugin 1.14.

What would be lost silently is refused by name: a key that nobody knows, and one that this version cannot follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.store.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLLOWED = frozenset(
    {
        "region",
        "s3Url",
        "publicUrl",
        "s3ForcePathStyle",
        "profile",
        "insecureSkipTLSVerify",
        "serverSideEncryption",
        "kmsKeyId",
    }
)
_OF_NO_CONSEQUENCE = frozenset({"signatureVersion", "enableSharedConfig", "checksumAlgorithm"})
"""How Velero's own library talks to the store."""
_NOT_YET = frozenset({"customerKeyEncryptionFile", "customerKeyEncryptionSecret", "tagging"})
_KMS = "aws:kms"


def of_bucket(config: Mapping[str, str], certificate: bytes | None) -> dict[str, Any]:
    """Settings of an S3 bucket, but for its keys.

    Args:
        config: of the location.
        certificate: what the server's certificate is checked with, beside those of the system.

    Raises:
        AddressError: a key is not known, or cannot be followed.
    """
    _check(config)
    endpoint = config.get("s3Url", "")
    client: dict[str, Any] = {
        "allow_http": endpoint.startswith("http:"),
        "allow_invalid_certificates": config.get("insecureSkipTLSVerify") == "true",
    }
    if certificate is not None:
        client["root_certificate"] = certificate
    return {
        "region": config.get("region") or "us-east-1",
        "virtual_hosted_style_request": not endpoint and config.get("s3ForcePathStyle") != "true",
        "client_options": client,
        **({"endpoint": endpoint} if endpoint else {}),
        **_encryption(config),
    }


def _encryption(config: Mapping[str, str]) -> dict[str, str]:
    """As with the plugin, a key of the KMS is enough to say which encryption is meant."""
    if key := config.get("kmsKeyId"):
        return {"server_side_encryption": _KMS, "sse_kms_key_id": key}
    kind = config.get("serverSideEncryption")
    return {"server_side_encryption": kind} if kind else {}


def _check(config: Mapping[str, str]) -> None:
    if later := sorted(config.keys() & _NOT_YET):
        raise AddressError(
            f"config.{later[0]} is not supported yet: use another location, or Velero for this one"
        )
    if unknown := sorted(config.keys() - _FOLLOWED - _OF_NO_CONSEQUENCE):
        known = ", ".join(sorted(_FOLLOWED | _OF_NO_CONSEQUENCE))
        raise AddressError(
            f"config.{unknown[0]} is not known: correct it, or leave it out; known are {known}"
        )
