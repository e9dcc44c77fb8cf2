"""Which VolumeSnapshotClass a claim's snapshots get when nobody names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import CLAIMS, SNAPSHOT_CLASSES, VOLUMES
from holdfast.api.storage import Claim, SnapshotClass, Volume
from holdfast.cli.errors import MissingError, RefusedError
from holdfast.kube import errors
from holdfast.snapshots.judging import DEFAULT_CLASS, is_default

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.cli.connecting import Cluster


async def usable_claim(cluster: Cluster, name: str) -> Claim:
    """A claim that a snapshot can be taken of.

    Raises:
        MissingError: there is none of that name.
        RefusedError: it is going away, or has no volume.
    """
    try:
        claim = await cluster.client.get(CLAIMS, name, cluster.namespace, type=Claim)
    except errors.NotFound:
        raise MissingError(
            f"claim {name} does not exist in namespace {cluster.namespace}",
            remedy=f"`kubectl get pvc -n {cluster.namespace}` lists those that do; -n chooses another namespace.",
        ) from None
    if claim.terminating:
        raise RefusedError(f"claim {name} is being deleted: no snapshot of it can be taken any more")
    if not claim.bound:
        raise RefusedError(
            f"claim {name} is {claim.status.phase or 'new'}, not Bound: it has no volume yet",
            remedy="Wait until it is bound; under WaitForFirstConsumer that needs a pod that uses it.",
        )
    return claim


async def snapshot_class(cluster: Cluster, claim: Claim, wanted: str | None) -> str:
    """The class for snapshots of a claim: the one that is wanted if it fits, otherwise its driver's default.

    Raises:
        MissingError: there is no class of the wanted name.
        RefusedError: it is of another driver, or nothing says which class is the default.
    """
    driver = await _driver(cluster, claim)
    classes = (await cluster.client.list(SNAPSHOT_CLASSES, type=SnapshotClass)).items
    if wanted:
        return fitting(wanted, classes, driver, claim.metadata.name)
    return default(classes, driver, claim.metadata.name)


def fitting(wanted: str, classes: Sequence[SnapshotClass], driver: str, claim: str) -> str:
    """The wanted class, if it exists and is of the claim's driver."""
    found = next((c for c in classes if c.metadata.name == wanted), None)
    of_driver = _names([c for c in classes if c.driver == driver])
    if found is None:
        raise MissingError(
            f"VolumeSnapshotClass {wanted} does not exist",
            remedy=f"Classes of driver {driver}: {of_driver}.",
        )
    if found.driver != driver:
        raise RefusedError(
            f"VolumeSnapshotClass {wanted} is of driver {found.driver}, but claim {claim} of {driver}",
            remedy=f"Classes of driver {driver}: {of_driver}.",
        )
    return wanted


def default(classes: Sequence[SnapshotClass], driver: str, claim: str) -> str:
    """The one default class of a driver."""
    own = [c for c in classes if c.driver == driver]
    defaults = [c for c in own if is_default(c)]
    if len(defaults) == 1:
        return defaults[0].metadata.name
    if not own:
        raise RefusedError(
            f"driver {driver} of claim {claim} has no VolumeSnapshotClass",
            remedy=f"Create one with `driver: {driver}`; classes of other drivers: {_names(classes)}.",
        )
    found = f"{len(defaults)} default classes: {_names(defaults)}" if defaults else "no default class"
    raise RefusedError(
        f"driver {driver} of claim {claim} has {found}",
        remedy=f"Choose with --class ({_names(own)}), or annotate exactly one with {DEFAULT_CLASS}=true.",
    )


async def _driver(cluster: Cluster, claim: Claim) -> str:
    """From the volume; users who may not read volumes get what the claim was annotated with."""
    try:
        volume = await cluster.client.get(VOLUMES, claim.spec.volume_name, type=Volume)
    except errors.Forbidden:
        if claim.provisioner:
            return claim.provisioner
        raise
    if volume.spec.csi is None:
        raise RefusedError(
            f"volume {volume.metadata.name} of claim {claim.metadata.name} is not of a CSI driver",
            remedy="Snapshots need a CSI driver; copy the data into a claim that has one.",
        )
    return volume.spec.csi.driver


def _names(classes: Sequence[SnapshotClass]) -> str:
    return ", ".join(sorted(c.metadata.name for c in classes)) or "none"
