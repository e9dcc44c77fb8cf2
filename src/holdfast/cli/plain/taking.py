"""Taking one snapshot of a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.resource import SNAPSHOTS
from holdfast.api.storage import Snapshot
from holdfast.cli import times, waiting
from holdfast.cli.connecting import connect
from holdfast.cli.errors import ChangedError, RefusedError, UnsuccessfulError
from holdfast.cli.plain import choosing
from holdfast.cli.reporting import reporter
from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target
    from holdfast.cli.reporting import Reporter

LONGEST_NAME = 253


async def take(
    target: Target,
    claim: str,
    *,
    name: str | None,
    class_name: str | None,
    patience: float | None,
    as_json: bool,
) -> None:
    """Take a snapshot, and with `patience` (seconds) wait until it is ready."""
    async with connect(target) as cluster:
        with reporter(as_json=as_json) as report:
            chosen = name or f"{claim}-{times.now():%Y%m%d-%H%M%S}"
            await create(cluster, claim, chosen, class_name, report)
            if patience is not None:
                await ready(cluster, chosen, patience, report)


async def create(
    cluster: Cluster, claim: str, name: str, class_name: str | None, report: Reporter
) -> dict[str, Any]:
    """Create the VolumeSnapshot of a claim that can have one."""
    if len(name) > LONGEST_NAME:
        raise RefusedError(
            f"snapshot name {name!r} has {len(name)} characters, {LONGEST_NAME} are allowed",
            remedy="Choose a shorter one with --name.",
        )
    source = await choosing.usable_claim(cluster, claim)
    chosen = await choosing.snapshot_class(cluster, source, class_name)
    try:
        made = await cluster.client.create(SNAPSHOTS, _manifest(name, cluster.namespace, claim, chosen))
    except errors.AlreadyExists:
        raise ChangedError(
            f"snapshot {name} exists already in namespace {cluster.namespace}",
            remedy="Choose another name with --name.",
        ) from None
    report.done(f"snapshot {name} of claim {claim} created (class {chosen})", snapshot=name, claim=claim)
    return made


async def ready(cluster: Cluster, name: str, patience: float, report: Reporter) -> Snapshot:
    """Wait until a snapshot can be restored from.

    Raises:
        TooLateError: it was not ready in time; the message has the driver's last error.
        UnsuccessfulError: somebody deleted it meanwhile.
    """
    last = ""

    async def look() -> Snapshot | None:
        nonlocal last
        try:
            found = await cluster.client.get(SNAPSHOTS, name, cluster.namespace, type=Snapshot)
        except errors.NotFound:
            raise UnsuccessfulError(f"snapshot {name} was deleted before it was ready") from None
        if found.ready:
            return found
        last = found.status.error.message if found.status.error else ""
        said = f"; the driver says: {last}" if last else ""
        report.waiting(f"waiting until snapshot {name} is ready{said}", snapshot=name, error=last)
        return None

    found = await waiting.until(look, patience=patience, what=f"snapshot {name} being ready")
    size = f" ({found.status.restore_size})" if found.status.restore_size else ""
    report.done(f"snapshot {name} is ready{size}", snapshot=name, size=found.status.restore_size)
    return found


def _manifest(name: str, namespace: str, claim: str, class_name: str) -> dict[str, Any]:
    return {
        "apiVersion": SNAPSHOTS.api_version,
        "kind": SNAPSHOTS.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"source": {"persistentVolumeClaimName": claim}, "volumeSnapshotClassName": class_name},
    }
