"""From what the user said about a location to the backups in it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from holdfast.api.velero import LOCATIONS, SECRETS, Location
from holdfast.archive.locations import BackupLocation
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MissingError
from holdfast.kube import errors
from holdfast.store import locating

if TYPE_CHECKING:
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target

_REMEDY = (
    "Name a location of the cluster with --location NAME, or a store with --location s3://bucket/prefix."
)


async def locate(target: Target, location: str, velero_namespace: str) -> BackupLocation:
    """The location that was meant.

    Args:
        target: which cluster; not asked when the location is an address.
        location: an address (`s3://…`, `file:…`), the name of a BackupStorageLocation, or empty for the default one.
        velero_namespace: where BackupStorageLocations are.

    Raises:
        MissingError: there is no such location.
        holdfast.store.errors.AddressError: it cannot be understood.
    """
    if ":" in location:
        return BackupLocation(locating.from_address(location))
    async with connect(target) as cluster:
        found = await _find(cluster, location, velero_namespace)
        credential = await _credential(cluster, found)
    return BackupLocation(locating.from_location(found.spec, credential))


async def _find(cluster: Cluster, name: str, namespace: str) -> Location:
    try:
        known = (await cluster.client.list(LOCATIONS, namespace, type=Location)).items
    except errors.NotFound:
        known = []
    for each in known:
        if each.metadata.name == name or (not name and each.spec.default):
            return each
    if not name and len(known) == 1:
        return known[0]
    what = f"location {name}" if name else "default location"
    names = ", ".join(each.metadata.name for each in known) or "none"
    raise MissingError(f"Namespace {namespace} has no {what}; it has: {names}", remedy=_REMEDY)


async def _credential(cluster: Cluster, location: Location) -> str | None:
    """Content of the Secret's key that a location names."""
    if not (ref := location.spec.credential):
        return None
    namespace = location.metadata.namespace
    secret = await cluster.client.get(SECRETS, ref.name, namespace)
    if (value := secret.get("data", {}).get(ref.key)) is None:
        raise MissingError(
            f"Secret {ref.name} in namespace {namespace} has no key {ref.key}, which location "
            f"{location.metadata.name} names",
            remedy="Correct spec.credential of the location, or add the key to the Secret.",
        )
    return base64.b64decode(value).decode()
