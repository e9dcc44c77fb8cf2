"""From a BackupStorageLocation to the backups in it, by the rights of whoever asks.

Nothing is sent to the store here: that it can be reached is known when something is asked of it.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from holdfast.api.resource import can_name
from holdfast.api.velero import LOCATIONS, SECRETS, Location
from holdfast.archive.locations import BackupLocation
from holdfast.kube import errors
from holdfast.locations.errors import NoLocationError, NoSecretError
from holdfast.store import locating

if TYPE_CHECKING:
    from holdfast.api.velero import KeyRef
    from holdfast.kube.client import Client


async def find(client: Client, name: str, namespace: str) -> Location:
    """A location of a namespace.

    Args:
        client: the cluster.
        name: which one; empty for the one that is marked as default, or else the only one.
        namespace: Velero's.

    Raises:
        NoLocationError: there is none of that name, or no default.
    """
    try:
        known = (await client.list(LOCATIONS, namespace, type=Location)).items
    except errors.NotFound:
        known = []
    for each in known:
        if each.metadata.name == name or (not name and each.spec.default):
            return each
    if not name and len(known) == 1:
        return known[0]
    what = f"location {name}" if name else "default location"
    names = ", ".join(each.metadata.name for each in known) or "none"
    raise NoLocationError(f"Namespace {namespace} has no {what}; it has: {names}")


async def opened(client: Client, location: Location) -> BackupLocation:
    """The backups of a location, with the credential and the certificate that it names.

    Raises:
        NoSecretError: one of them is missing or unreadable.
        holdfast.store.errors.AddressError: the location's fields cannot be understood.
    """
    credential = await _value(client, location, location.spec.credential)
    certificate = await _value(client, location, location.spec.object_storage.ca_cert_ref)
    return BackupLocation(locating.from_location(location.spec, credential, certificate))


async def _value(client: Client, location: Location, ref: KeyRef | None) -> str | None:
    """Content of the Secret's key that a location names."""
    if ref is None:
        return None
    namespace = location.metadata.namespace
    place = f"which location {location.metadata.name} in namespace {namespace} names"
    if not can_name(ref.name):
        raise NoSecretError(f"{ref.name!r}, {place}, cannot be the name of a Secret")
    try:
        secret = await client.get(SECRETS, ref.name, namespace)
    except errors.NotFound:
        raise NoSecretError(f"There is no Secret {ref.name}, {place}") from None
    if (value := secret.get("data", {}).get(ref.key)) is None:
        raise NoSecretError(f"Secret {ref.name} has no key {ref.key}, {place}")
    try:
        return base64.b64decode(value).decode()
    except UnicodeDecodeError:
        raise NoSecretError(f"Key {ref.key} of Secret {ref.name}, {place}, is not text") from None
