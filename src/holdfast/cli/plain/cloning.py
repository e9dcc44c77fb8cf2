"""A second claim with the data of a first, through a snapshot or by the driver itself.

The new claim is tried with a server-side dry run before a snapshot is taken for it. That snapshot belongs to the new
claim (an owner reference), because some drivers need it for as long as the copy lives, and goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdfast.api.quantity import format_size, parse_size
from holdfast.api.resource import CLAIMS, CONTENTS, SNAPSHOTS, STORAGE_CLASSES, VOLUMES
from holdfast.api.storage import SELECTED_NODE, Claim, Content, Snapshot, StorageClass, Volume
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
            if order.from_snapshot:
                await from_snapshot(cluster, order, source, report)
            else:
                await _check_free(cluster, order.new)
                node = await _node(cluster, source)
                if order.direct:
                    await _create(
                        cluster, manifest(order, source, _claim_source(order.claim), node=node), report
                    )
                else:
                    await _through_snapshot(cluster, order, source, node, patience, report)
            if wait:
                await bound(cluster, order.new, source, patience, report)


def manifest(order: Order, source: Claim, origin: Manifest, least: str = "0", *, node: str = "") -> Manifest:
    """The new claim.

    Args:
        order: what was asked for.
        source: the claim that is cloned.
        origin: the new claim's dataSource.
        least: how much the data needs, as a quantity.
        node: the volume is made for this one; empty for any.
    """
    spec = source.spec
    size = _size(order, source, least)
    chosen = {"storageClassName": spec.storage_class_name} if spec.storage_class_name is not None else {}
    placed = {"annotations": {SELECTED_NODE: node}} if node else {}
    return {
        "apiVersion": CLAIMS.api_version,
        "kind": CLAIMS.kind,
        "metadata": {"name": order.new, "namespace": source.metadata.namespace} | placed,
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


async def from_snapshot(
    cluster: Cluster, order: Order, source: Claim, report: Reporter, *, dry_run: bool = False
) -> None:
    """Make the new claim from the order's snapshot; `source` lends class and modes.

    Raises:
        MissingError: the snapshot does not exist.
        RefusedError: it is of another claim, is not ready, or the storage class is of another driver.
        ChangedError: a claim of the new name exists.
    """
    await _check_free(cluster, order.new)
    snapshot = await _usable_snapshot(cluster, order)
    await _check_driver(cluster, snapshot, source)
    origin = _snapshot_source(snapshot.metadata.name)
    node = await _node(cluster, source)
    body = manifest(order, source, origin, snapshot.status.restore_size or "0", node=node)
    await _create(cluster, body, report, dry_run=dry_run)


async def _usable_snapshot(cluster: Cluster, order: Order) -> Snapshot:
    name = order.from_snapshot or ""
    try:
        snapshot = await cluster.client.get(SNAPSHOTS, name, cluster.namespace, type=Snapshot)
    except errors.NotFound:
        raise MissingError(
            f"snapshot {name} does not exist in namespace {cluster.namespace}",
            remedy="`holdfast snapshot list` shows those that do.",
        ) from None
    origin = snapshot.claim_name
    if origin and origin != order.claim:
        raise RefusedError(
            f"snapshot {name} was taken of claim {origin}, not of {order.claim}",
            remedy=f"`holdfast clone {origin} {order.new} --from-snapshot {name}` takes its data.",
        )
    if not snapshot.ready:
        raise RefusedError(f"snapshot {name} is not ready", remedy="Wait for it, or choose another.")
    return snapshot


async def _check_driver(cluster: Cluster, snapshot: Snapshot, source: Claim) -> None:
    """A claim whose class is of another driver would stay Pending for ever."""
    found = await _storage_class(cluster, source)
    try:
        bound_to = snapshot.status.bound_volume_snapshot_content_name
        content = await cluster.client.get(CONTENTS, bound_to, type=Content)
    except (errors.NotFound, errors.Forbidden):
        return
    if found and found.provisioner != content.spec.driver:
        raise RefusedError(
            f"snapshot {snapshot.metadata.name} is of driver {content.spec.driver}, but storage class"
            f" {found.metadata.name} of claim {source.metadata.name} provisions with {found.provisioner}"
        )


async def _through_snapshot(
    cluster: Cluster, order: Order, source: Claim, node: str, patience: float, report: Reporter
) -> None:
    name = f"{order.new}-source-{times.now():%Y%m%d-%H%M%S}"
    trial = manifest(order, source, _snapshot_source(name))
    await cluster.client.create(CLAIMS, trial, cluster.namespace, dry_run=True)
    await taking.create(cluster, order.claim, name, order.class_name, report)
    snapshot = await taking.ready(cluster, name, patience, report)
    least = snapshot.status.restore_size or "0"
    body = manifest(order, source, _snapshot_source(name), least, node=node)
    await _give(cluster, name, await _create(cluster, body, report))


async def _create(cluster: Cluster, body: Manifest, report: Reporter, *, dry_run: bool = False) -> Manifest:
    made = await cluster.client.create(CLAIMS, body, cluster.namespace, dry_run=dry_run)
    name, size = body["metadata"]["name"], body["spec"]["resources"]["requests"]["storage"]
    verb = "could be created" if dry_run else "created"
    report.done(f"claim {name} ({size}) {verb} from {_origin(body)}", claim=name, size=size)
    return made


async def _give(cluster: Cluster, snapshot: str, claim: Manifest) -> None:
    """Let the snapshot go when the claim goes."""
    owner = {"apiVersion": CLAIMS.api_version, "kind": CLAIMS.kind}
    owner |= {key: claim["metadata"][key] for key in ("name", "uid")}
    body = {"metadata": {"ownerReferences": [owner]}}
    await cluster.client.patch(SNAPSHOTS, snapshot, body, cluster.namespace)


async def bound(cluster: Cluster, new: str, source: Claim, patience: float, report: Reporter) -> None:
    """Wait until the new claim has its volume, unless that needs a pod first."""
    found = await _storage_class(cluster, source)
    if found and found.volume_binding_mode == LATE and not await _node(cluster, source):
        report.done(f"claim {new} is bound when a pod uses it ({LATE})", claim=new)
        return

    async def look() -> Claim | None:
        try:
            found = await cluster.client.get(CLAIMS, new, cluster.namespace, type=Claim)
        except errors.NotFound:
            raise UnsuccessfulError(f"claim {new} was deleted before it was bound") from None
        report.waiting(f"waiting until claim {new} is bound", claim=new)
        return found if found.bound else None

    made = await waiting.until(look, patience=patience, what=f"claim {new} being bound")
    report.done(f"claim {new} is bound to volume {made.spec.volume_name}", claim=new)


async def _node(cluster: Cluster, source: Claim) -> str:
    """The node that has the data in reach, where not every one has, as far as this user may see the volume."""
    if not source.bound or not source.selected_node:
        return ""
    try:
        volume = await cluster.client.get(VOLUMES, source.spec.volume_name, type=Volume)
    except (errors.NotFound, errors.Forbidden):
        return ""
    return volume.node_of(source)


async def _storage_class(cluster: Cluster, source: Claim) -> StorageClass | None:
    """The class of a claim, as far as this user may see it."""
    name = source.spec.storage_class_name
    try:
        return await cluster.client.get(STORAGE_CLASSES, name, type=StorageClass) if name else None
    except (errors.NotFound, errors.Forbidden):
        return None


def _snapshot_source(name: str) -> Manifest:
    return {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": name}


def _claim_source(name: str) -> Manifest:
    return {"kind": CLAIMS.kind, "name": name}


def _origin(claim: Manifest) -> str:
    origin = claim["spec"]["dataSource"]
    return f"{'snapshot' if origin['kind'] == SNAPSHOTS.kind else 'claim'} {origin['name']}"
