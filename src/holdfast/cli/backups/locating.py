"""From what the user said about a location to the backups in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.archive.locations import BackupLocation
from holdfast.cli.connecting import connect
from holdfast.cli.errors import RefusedError
from holdfast.locations import opening
from holdfast.store import locating

if TYPE_CHECKING:
    from holdfast.cli.options import Target


async def locate(
    target: Target, location: str, velero_namespace: str, *, write: bool = False
) -> BackupLocation:
    """The location that was meant.

    Args:
        target: which cluster; not asked when the location is an address.
        location: an address (`s3://…`, `file:…`), the name of a BackupStorageLocation, or empty for the default one.
        velero_namespace: where BackupStorageLocations are.
        write: whether something is to be written there.

    Raises:
        RefusedError: something is, and the location is read-only.
        holdfast.locations.errors.LocationError: there is no such location, or what it names is missing.
        holdfast.store.errors.AddressError: it cannot be understood.
    """
    if ":" in location:
        return BackupLocation(locating.from_address(location))
    async with connect(target) as cluster:
        found = await opening.find(cluster.client, location, velero_namespace)
        if write and found.read_only:
            raise RefusedError(
                f"Location {found.metadata.name} is read-only",
                remedy="Name another one with --location, or set its accessMode to ReadWrite.",
            )
        return await opening.opened(cluster.client, found)
