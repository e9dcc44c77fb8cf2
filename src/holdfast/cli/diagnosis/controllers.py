"""Is somebody there who makes snapshots happen: the snapshot controller, Holdfast itself, and no Gemini?

Signs are looked for, since there is no page to ask: a fresh Lease, a running pod, and what becomes of snapshots.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.resource import DEPLOYMENTS, LEASES, PODS, SNAPSHOTS
from holdfast.api.storage import Snapshot
from holdfast.cli import times
from holdfast.cli.diagnosis.findings import Finding, fail, ok, warn
from holdfast.kube import errors
from holdfast.operator.manifests.settings import SELECTOR
from holdfast.operator.running import LEASE
from holdfast.snapshots.rivals import is_gemini
from holdfast.snapshots.views import PodGlance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from holdfast.kube.client import Client

_CONTROLLER = "snapshot-controller"
_PATIENCE = timedelta(minutes=1)
"""A snapshot that nobody has bound after so long shows that nobody is there."""


async def check(client: Client) -> list[Finding]:
    pods = (await client.list(PODS, type=PodGlance)).items
    leases = [lease for lease in (await client.list(LEASES)).items if _fresh(lease)]
    return [
        await _snapshot_controller(client, pods, leases),
        await _operator(client, leases),
        gemini(pods),
    ]


async def _snapshot_controller(
    client: Client, pods: Iterable[PodGlance], leases: Iterable[dict[str, Any]]
) -> Finding:
    for lease in leases:
        if lease["metadata"]["name"].startswith(_CONTROLLER):
            holder = lease["spec"].get("holderIdentity", "")
            return ok(_CONTROLLER, f"alive: {holder} holds its Lease")
    for pod in pods:
        if pod.status.phase == "Running" and any(_CONTROLLER in c.image for c in pod.spec.containers):
            return ok(_CONTROLLER, f"running: pod {pod.metadata.namespace}/{pod.metadata.name}")
    try:
        snapshots = (await client.list(SNAPSHOTS, type=Snapshot)).items
    except errors.NotFound:
        snapshots = []
    return by_snapshots(snapshots, times.now())


def by_snapshots(snapshots: Sequence[Snapshot], now: datetime) -> Finding:
    """What becomes of snapshots when neither a Lease nor a pod is seen (it may run outside the cluster)."""
    remedy = "Install it from kubernetes-csi/external-snapshotter, deploy/kubernetes/snapshot-controller."
    waiting = [s for s in snapshots if _unbound(s) and _older(s, now)]
    if waiting:
        names = ", ".join(s.metadata.name for s in waiting[:3])
        return fail(_CONTROLLER, f"nobody has bound {names} for more than a minute", remedy)
    newest = max((s for s in snapshots if not _unbound(s)), key=_created, default=None)
    if newest:
        return ok(
            _CONTROLLER, f"it bound snapshot {newest.metadata.name} {times.age(_created(newest), now)} ago"
        )
    return warn(_CONTROLLER, "no sign of it: no Lease, no pod, no snapshot that it has bound", remedy)


def _unbound(snapshot: Snapshot) -> bool:
    return not snapshot.status.bound_volume_snapshot_content_name


def _created(snapshot: Snapshot) -> datetime:
    return snapshot.metadata.creation_timestamp or times.now()


def _older(snapshot: Snapshot, now: datetime) -> bool:
    return now - _created(snapshot) > _PATIENCE and not snapshot.status.error


async def _operator(client: Client, leases: Iterable[dict[str, Any]]) -> Finding:
    for lease in leases:
        if lease["metadata"]["name"] == LEASE:
            place = lease["metadata"]["namespace"]
            return ok(
                "operator", f"alive: {lease['spec'].get('holderIdentity', '')} leads in namespace {place}"
            )
    wanted = ",".join(f"{key}={value}" for key, value in SELECTOR.items())
    deployments = (await client.list(DEPLOYMENTS, labels=wanted)).items
    if not deployments:
        return warn("operator", "Holdfast is not installed: nothing is scheduled", "Run `holdfast install`.")
    meta = deployments[0]["metadata"]
    return fail(
        "operator",
        "Holdfast is installed, but nobody holds its Lease",
        f"`kubectl -n {meta['namespace']} describe deployment {meta['name']}` and its pods' logs say why.",
    )


def gemini(pods: Iterable[PodGlance]) -> Finding:
    """A live Gemini: Holdfast writes nothing beside it."""
    alive = [f"{p.metadata.namespace}/{p.metadata.name}" for p in pods if is_gemini(p)]
    if alive:
        return warn(
            "gemini",
            f"Gemini is alive: pod {', '.join(alive)}; Holdfast takes and deletes nothing meanwhile",
            "Scale its Deployment to 0; Holdfast takes over 90 seconds later.",
        )
    return ok("gemini", "no live Gemini")


def _fresh(lease: dict[str, Any]) -> bool:
    spec = lease.get("spec", {})
    if not spec.get("holderIdentity") or not spec.get("renewTime"):
        return False
    renewed = msgspec.convert(spec["renewTime"], datetime)
    return times.now() - renewed < timedelta(seconds=2 * spec.get("leaseDurationSeconds", 15))
