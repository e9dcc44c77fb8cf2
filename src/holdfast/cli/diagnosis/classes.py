"""Do the drivers of the cluster's volumes have snapshot classes, and is it clear which one is the default?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import CSI_DRIVERS, SNAPSHOT_CLASSES, STORAGE_CLASSES
from holdfast.api.storage import SnapshotClass, StorageClass
from holdfast.cli.diagnosis.findings import Finding, fail, ok, warn
from holdfast.kube import errors
from holdfast.snapshots.judging import DEFAULT_CLASS, is_default

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from holdfast.kube.client import Client

CHECK = "classes"


async def check(client: Client) -> list[Finding]:
    """Snapshot classes against storage classes and drivers."""
    try:
        snapshot = (await client.list(SNAPSHOT_CLASSES, type=SnapshotClass)).items
    except errors.NotFound:
        return []
    storage = (await client.list(STORAGE_CLASSES, type=StorageClass)).items
    drivers = {d["metadata"]["name"] for d in (await client.list(CSI_DRIVERS)).items}
    return [*defaults(snapshot), *coverage(storage, snapshot), *absent(snapshot, drivers)]


def defaults(classes: Sequence[SnapshotClass]) -> Iterator[Finding]:
    """Exactly one default for each driver that has classes."""
    for driver in sorted({c.driver for c in classes}):
        own = sorted(c.metadata.name for c in classes if c.driver == driver)
        chosen = sorted(c.metadata.name for c in classes if c.driver == driver and is_default(c))
        if len(chosen) == 1:
            yield ok(CHECK, f"driver {driver}: default class {chosen[0]}")
        elif chosen:
            yield fail(
                CHECK,
                f"driver {driver} has {len(chosen)} default classes: {', '.join(chosen)}",
                f"Leave {DEFAULT_CLASS}=true on one of them; until then snapshots that name no class fail.",
            )
        else:
            yield warn(
                CHECK,
                f"driver {driver} has no default class ({', '.join(own)})",
                f"`kubectl annotate volumesnapshotclass {own[0]} {DEFAULT_CLASS}=true`, or name classes always.",
            )


def coverage(storage: Sequence[StorageClass], snapshot: Sequence[SnapshotClass]) -> Iterator[Finding]:
    """Each storage class's driver can snapshot."""
    drivers = {c.driver for c in snapshot}
    for driver in sorted({s.provisioner for s in storage} - drivers):
        names = ", ".join(sorted(s.metadata.name for s in storage if s.provisioner == driver))
        yield warn(
            CHECK,
            f"claims of storage class {names} cannot be snapshotted: {driver} has no VolumeSnapshotClass",
            f"If the driver can snapshot, create a VolumeSnapshotClass with `driver: {driver}`.",
        )
    if not storage:
        yield warn(CHECK, "there is no storage class", "Install a CSI driver and a StorageClass for it.")


def absent(classes: Sequence[SnapshotClass], drivers: set[str]) -> Iterator[Finding]:
    """Each snapshot class's driver is installed."""
    for driver in sorted({c.driver for c in classes} - drivers):
        names = ", ".join(sorted(c.metadata.name for c in classes if c.driver == driver))
        yield warn(
            CHECK,
            f"snapshot class {names} is of driver {driver}, which has no CSIDriver object here",
            "Install the driver, or delete the class.",
        )
