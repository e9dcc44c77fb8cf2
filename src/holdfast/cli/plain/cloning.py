"""A second claim with the data of a first, through a snapshot or by the driver itself.

The new claim is tried with a server-side dry run before a snapshot is taken for it. That snapshot belongs to the new
claim (an owner reference), because some drivers need it for as long as the copy lives, and goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdfast.api.quantity import format_size, parse_size
from holdfast.api.resource import CLAIMS, SNAPSHOTS, STORAGE_CLASSES
from holdfast.api.storage import Claim, Snapshot, StorageClass
from holdfast.cli import times, waiting
from holdfast.cli.connecting import connect
from holdfast.cli.errors import ChangedError, MissingError, RefusedError, UnsuccessfulError
from holdfast.cli.plain import choosing, taking
from holdfast.cli.reporting import reporter
from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target
    from holdfast.cli.reporting import Reporter

Manifest = dict[str, Any]
LATE = "WaitForFirstConsumer"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be cloned, and how."""

    claim: str
    new: str
    from_snapshot: str | None = None
    direct: bool = False
    class_name: str | None = None
    size: str | None = None


async def clone(target: Target, order: Order, *, wait: bool, patience: float, as_json: bool) -> None:
    """Make the new claim, and with `wait` wait until it is bound.

    Raises:
        MissingError: claim or snapshot does not exist.
        RefusedError: the snapshot is unusable, or the size too small or above a quota.
        ChangedError: a claim of the new name exists.
    """
    async with connect(target) as cluster:
        with reporter(as_json=as_json) as report:
            source = await choosing.usable_claim(cluster, order.claim)
            await _check_free(cluster, order.new)
            if order.direct:
                made = await _create(cluster, manifest(order, source, _claim_source(order.claim)))
            elif order.from_snapshot:
                made = await _from_snapshot(cluster, order, source)
            else:
                made = await _through_snapshot(cluster, order, source, patience, report)
            report.done(f"claim {order.new} created from {_origin(made)}", claim=order.new)
            if wait:
                await _bound(cluster, order.new, source, patience, report)


def manifest(order: Order, source: Claim, origin: Manifest, least: str = "0") -> Manifest:
    """The new claim.

    Args:
        order: what was asked for.
        source: the claim that is cloned.
        origin: the new claim's dataSource.
        least: how much the data needs, as a quantity.
    """
    spec = source.spec
    size = _size(order, source, least)
    chosen = {"storageClassName": spec.storage_class_name} if spec.storage_class_name is not None else {}
    return {
        "apiVersion": CLAIMS.api_version,
        "kind": CLAIMS.kind,
        "metadata": {"name": order.new, "namespace": source.metadata.namespace},
        "spec": {
            "accessModes": spec.access_modes,
            "volumeMode": spec.volume_mode,
            "resources": {"requests": {"storage": size}},
            "dataSource": origin,
            **chosen,
        },
    }


def _size(order: Order, source: Claim, least: str) -> str:
    present = [source.spec.resources.requests.get("storage", "0"), source.status.capacity.get("storage", "0")]
    needed = max(map(parse_size, [*present, least]))
    if order.size is None:
        return format_size(needed)
    try:
        wanted = parse_size(order.size)
    except ValueError as error:
        raise RefusedError(f"--size: {error}") from None
    floor = parse_size(least) if order.from_snapshot else needed
    if wanted < floor:
        raise RefusedError(
            f"--size {order.size} is less than the data of claim {order.claim} needs",
            remedy=f"Ask for {format_size(floor)} or more.",
        )
    return order.size


async def _check_free(cluster: Cluster, new: str) -> None:
    try:
        await cluster.client.get(CLAIMS, new, cluster.namespace)
    except errors.NotFound:
        return
    raise ChangedError(
        f"claim {new} exists already in namespace {cluster.namespace}", remedy="Choose another name."
    )


async def _from_snapshot(cluster: Cluster, order: Order, source: Claim) -> Manifest:
    name = order.from_snapshot or ""
    try:
        snapshot = await cluster.client.get(SNAPSHOTS, name, cluster.namespace, type=Snapshot)
    except errors.NotFound:
        raise MissingError(
            f"snapshot {name} does not exist in namespace {cluster.namespace}",
            remedy="`holdfast snapshot list` shows those that do.",
        ) from None
    origin = snapshot.spec.source.persistent_volume_claim_name
    if origin and origin != order.claim:
        raise RefusedError(
            f"snapshot {name} was taken of claim {origin}, not of {order.claim}",
            remedy=f"`holdfast clone {origin} {order.new} --from-snapshot {name}` takes its data.",
        )
    if not snapshot.ready:
        raise RefusedError(f"snapshot {name} is not ready", remedy="Wait for it, or choose another.")
    return await _create(
        cluster, manifest(order, source, _snapshot_source(name), snapshot.status.restore_size or "0")
    )


async def _through_snapshot(
    cluster: Cluster, order: Order, source: Claim, patience: float, report: Reporter
) -> Manifest:
    name = f"{order.new}-source-{times.now():%Y%m%d-%H%M%S}"
    await _create(cluster, manifest(order, source, _snapshot_source(name)), dry_run=True)
    await taking.create(cluster, order.claim, name, order.class_name, report)
    snapshot = await taking.ready(cluster, name, patience, report)
    made = await _create(
        cluster, manifest(order, source, _snapshot_source(name), snapshot.status.restore_size or "0")
    )
    await _give(cluster, name, made)
    return made


async def _create(cluster: Cluster, body: Manifest, *, dry_run: bool = False) -> Manifest:
    return await cluster.client.create(CLAIMS, body, cluster.namespace, dry_run=dry_run)


async def _give(cluster: Cluster, snapshot: str, claim: Manifest) -> None:
    """Let the snapshot go when the claim goes."""
    owner = {"apiVersion": CLAIMS.api_version, "kind": CLAIMS.kind}
    owner |= {key: claim["metadata"][key] for key in ("name", "uid")}
    body = {"metadata": {"ownerReferences": [owner]}}
    await cluster.client.patch(SNAPSHOTS, snapshot, body, cluster.namespace)


async def _bound(cluster: Cluster, new: str, source: Claim, patience: float, report: Reporter) -> None:
    if await _binds_late(cluster, source):
        report.done(f"claim {new} is bound when a pod uses it ({LATE})", claim=new)
        return

    async def look() -> Claim | None:
        try:
            found = await cluster.client.get(CLAIMS, new, cluster.namespace, type=Claim)
        except errors.NotFound:
            raise UnsuccessfulError(f"claim {new} was deleted before it was bound") from None
        report.waiting(f"waiting until claim {new} is bound", claim=new)
        return found if found.bound else None

    found = await waiting.until(look, patience=patience, what=f"claim {new} being bound")
    report.done(f"claim {new} is bound to volume {found.spec.volume_name}", claim=new)


async def _binds_late(cluster: Cluster, source: Claim) -> bool:
    name = source.spec.storage_class_name
    if not name:
        return False
    try:
        found = await cluster.client.get(STORAGE_CLASSES, name, type=StorageClass)
    except (errors.NotFound, errors.Forbidden):
        return False
    return found.volume_binding_mode == LATE


def _snapshot_source(name: str) -> Manifest:
    return {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": name}


def _claim_source(name: str) -> Manifest:
    return {"kind": CLAIMS.kind, "name": name}


def _origin(claim: Manifest) -> str:
    origin = claim["spec"]["dataSource"]
    return f"{'snapshot' if origin['kind'] == SNAPSHOTS.kind else 'claim'} {origin['name']}"
