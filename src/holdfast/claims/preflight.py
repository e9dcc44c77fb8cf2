"""Everything that could make a restore fail, looked at before anything is touched.

`inspect` serves the machine and `--dry-run` alike. It writes nothing: quota and limits are asked by a server-side
dry run of the claim that would be created.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from holdfast.api.quantity import format_size, parse_size
from holdfast.api.resource import ATTACHMENTS, CLAIMS, PODS, SNAPSHOTS, VOLUMES, Resource
from holdfast.claims import manifests
from holdfast.claims.announcing import Need, announce
from holdfast.claims.world import World, whole
from holdfast.kube import errors, reviewing
from holdfast.policy.intervals import IntervalError, parse_every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from holdfast.api.restores import RestoreSpec
    from holdfast.api.storage import Claim, Content, Snapshot, StorageClass, Volume
    from holdfast.kube.client import Client

UNREADY = "other snapshots"
"""The one check that time alone may mend."""
MODE_CHANGE = "snapshot.storage.kubernetes.io/allow-volume-mode-change"

_RIGHTS: tuple[tuple[str, Resource], ...] = (
    ("create", CLAIMS),
    ("delete", CLAIMS),
    ("patch", VOLUMES),
    ("create", SNAPSHOTS),
    ("patch", SNAPSHOTS),
    ("list", PODS),
    ("list", ATTACHMENTS),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    ok: bool
    message: str
    """What was found; where it is not ok, with the remedy."""


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]
    size: str = ""
    """What the new claim would request."""
    manifest: dict[str, Any] | None = None
    """The claim that would be created; None where it cannot be known."""

    @property
    def problems(self) -> list[str]:
        return [f.message for f in self.findings if not f.ok]

    @property
    def only_needs_time(self) -> bool:
        return {f.check for f in self.findings if not f.ok} == {UNREADY}


@dataclass(frozen=True, slots=True)
class _Facts:
    spec: RestoreSpec
    claim: Claim | None
    volume: Volume | None
    snapshot: Snapshot | None
    content: Content | None
    storage_class: StorageClass | None
    unready: list[str]


async def inspect(client: Client, namespace: str, spec: RestoreSpec, *, rights: bool = True) -> Report:
    """Look at everything that a restore of this claim from this snapshot needs.

    Args:
        rights: Also ask whether we may do what later phases do (pointless where somebody else will do it).
    """
    world = World(client, namespace, spec.claim_name)
    manifest = await world.claim_manifest()
    facts = await _gather(world, spec, whole(manifest) if manifest else None)
    findings = list(_judge(facts))
    announced = await announce(client, namespace, spec)
    findings.append(_finding("workloads", announced.problem, announced.message))
    findings.append(Finding("finished pods", ok=True, message=await _left_over(world)))
    size = ""
    if manifest and all(f.ok for f in findings):
        size = needed_size(facts)
        wanted = manifests.restored_claim(
            manifests.bare_claim(manifest, ()), spec.snapshot_name, size, spec.point
        )
        findings.append(await _room(client, wanted, parse_size(size) - _requested(facts.claim)))
        manifest = wanted
    if rights:
        findings.append(await _may(client, (*_needs(namespace), *announced.needs)))
    return Report(tuple(findings), size, manifest)


async def _gather(world: World, spec: RestoreSpec, claim: Claim | None) -> _Facts:
    snapshot = await world.snapshot(spec.snapshot_name)
    return _Facts(
        spec=spec,
        claim=claim,
        volume=await world.volume(claim.spec.volume_name) if claim else None,
        snapshot=snapshot,
        content=await world.content(snapshot.status.bound_volume_snapshot_content_name) if snapshot else None,
        storage_class=await world.storage_class(claim.spec.storage_class_name or "") if claim else None,
        unready=[n for n in await world.unready_snapshots() if n != spec.snapshot_name],
    )


async def _left_over(world: World) -> str:
    """No refusal: the restore waits for them before it touches anything."""
    said = await world.left_over({world.claim_name})
    return f"waits, before anything is stopped, for {said}" if said else "no finished pod keeps the claim"


def _judge(facts: _Facts) -> Iterator[Finding]:
    yield _finding("grace", _grace_problem(facts.spec), "the old volume is kept long enough")
    yield _finding("claim", _claim_problem(facts), f"claim {facts.spec.claim_name} is bound")
    yield _finding("snapshot", _snapshot_problem(facts), f"snapshot {facts.spec.snapshot_name} is ready")
    if facts.claim and facts.snapshot and facts.content:
        yield _finding("driver", _driver_problem(facts), f"driver {facts.content.spec.driver} made both")
        yield _finding("volume mode", _mode_problem(facts), "the volume mode fits")
    yield _finding(UNREADY, _unready_problem(facts), "no snapshot of this claim is unready")


def _finding(check: str, problem: str, fine: str) -> Finding:
    return Finding(check, not problem, problem or fine)


def _grace_problem(spec: RestoreSpec) -> str:
    try:
        grace = parse_every(spec.keep_old_volume_for or "24h")
    except IntervalError as error:
        return f"keepOldVolumeFor: {error}"
    if grace < timedelta():
        return f"keepOldVolumeFor: {spec.keep_old_volume_for} is before it began; give 0s or more"
    return ""


def _claim_problem(facts: _Facts) -> str:
    name, claim, volume = facts.spec.claim_name, facts.claim, facts.volume
    if claim is None:
        return f"claim {name} does not exist; make a new one from the snapshot with --to-pvc {name}"
    if claim.terminating:
        return f"claim {name} is being deleted; wait until it is gone, then use --to-pvc {name}"
    if pod := next((o for o in claim.metadata.owner_references if o.kind == "Pod"), None):
        return (
            f"claim {name} belongs to pod {pod.name} and goes with it; restore into a new one with --to-pvc"
        )
    if not claim.bound or volume is None:
        return (
            f"claim {name} is {claim.status.phase or 'not bound'}; it has no volume that could be exchanged"
        )
    ref = volume.spec.claim_ref
    if ref is None or ref.uid != claim.metadata.uid:
        return f"volume {volume.metadata.name} does not name claim {name} as its own; repair its claimRef"
    return ""


def _snapshot_problem(facts: _Facts) -> str:  # noqa: PLR0911  (one line a reason)
    name, spec, snapshot, content = facts.spec.snapshot_name, facts.spec, facts.snapshot, facts.content
    if snapshot is None:
        return f"snapshot {name} does not exist; `holdfast snapshot list` shows those that do"
    if snapshot.metadata.deletion_timestamp:
        return f"snapshot {name} is being deleted; choose another"
    if spec.group and snapshot.group not in {"", spec.group}:
        return f"snapshot {name} belongs to SnapshotGroup {snapshot.group}, not to {spec.group}"
    source = snapshot.claim_name
    if source and source != spec.claim_name:
        return f"snapshot {name} was taken of claim {source}, not of {spec.claim_name}"
    if not snapshot.status.ready_to_use:
        error = snapshot.status.error
        return f"snapshot {name} is not ready{f' ({error.message})' if error else ''}; wait or choose another"
    if content is None or content.spec.volume_snapshot_ref.uid != snapshot.metadata.uid:
        return f"snapshot {name} and its content do not point at each other; do not trust it"
    return ""


def _driver_problem(facts: _Facts) -> str:
    assert facts.content  # noqa: S101  (asked only when there is one)
    if facts.storage_class is None:
        name = facts.claim.spec.storage_class_name if facts.claim else ""
        return f"StorageClass {name or '(none)'} of claim {facts.spec.claim_name} does not exist; create it again"
    if facts.storage_class.provisioner != facts.content.spec.driver:
        return (
            f"snapshot {facts.spec.snapshot_name} was made by driver {facts.content.spec.driver}, but StorageClass"
            f" {facts.storage_class.metadata.name} provisions with {facts.storage_class.provisioner}"
        )
    return ""


def _mode_problem(facts: _Facts) -> str:
    assert facts.content  # noqa: S101
    assert facts.claim  # noqa: S101
    old, new = facts.content.spec.source_volume_mode, facts.claim.spec.volume_mode
    if old and old != new and facts.content.metadata.annotations.get(MODE_CHANGE) != "true":
        return (
            f"snapshot {facts.spec.snapshot_name} has volume mode {old}, claim {facts.spec.claim_name} has {new};"
            f" annotate VolumeSnapshotContent {facts.content.metadata.name} with {MODE_CHANGE}=true to allow it"
        )
    return ""


def _unready_problem(facts: _Facts) -> str:
    if not facts.unready:
        return ""
    return (
        f"unready snapshots of claim {facts.spec.claim_name} would keep it from going away:"
        f" {', '.join(facts.unready)}; wait for them or `holdfast snapshot delete` them"
    )


def _requested(claim: Claim | None) -> int:
    return parse_size(claim.spec.resources.requests.get("storage", "0")) if claim else 0


def needed_size(facts: _Facts) -> str:
    """The largest of what was requested, what there was, and what the snapshot needs."""
    assert facts.claim  # noqa: S101
    assert facts.snapshot  # noqa: S101
    capacity = parse_size(facts.claim.status.capacity.get("storage", "0"))
    restore_size = parse_size(facts.snapshot.status.restore_size or "0")
    return format_size(max(_requested(facts.claim), capacity, restore_size))


async def _room(client: Client, wanted: dict[str, Any], growth: int) -> Finding:
    """Quota and limits: the claim is created for show; with a quota that counts the old one too, its growth is."""
    metadata = {k: v for k, v in wanted["metadata"].items() if k != "name"}
    trial = wanted | {"metadata": metadata | {"generateName": "restore-"}}
    size = wanted["spec"]["resources"]["requests"]["storage"]
    try:
        await client.create(CLAIMS, trial, wanted["metadata"]["namespace"], dry_run=True)
    except errors.Forbidden as error:
        if "exceeded quota" in str(error) and growth <= 0:
            return Finding("size", ok=True, message=f"a claim of {size} fits in the place of the old one")
        return Finding("size", ok=False, message=f"a claim of {size} is refused: {error}")
    except (errors.Invalid, errors.BadRequest) as error:
        return Finding("size", ok=False, message=f"a claim of {size} is refused: {error}")
    return Finding("size", ok=True, message=f"a claim of {size} would be accepted")


def _needs(namespace: str) -> Iterator[Need]:
    yield from (Need(verb, resource, namespace) for verb, resource in _RIGHTS)


async def _may(client: Client, needs: Iterable[Need]) -> Finding:
    missing = [str(need) for need in needs if not await _allowed(client, need)]
    problem = (
        f"rights are missing: {', '.join(missing)}; run `holdfast install` again, or grant them to the operator"
        if missing
        else ""
    )
    return _finding("rights", problem, "all rights that later phases need are there")


async def _allowed(client: Client, need: Need) -> bool:
    resource = need.resource
    attributes = {"verb": need.verb, "group": resource.group, "resource": resource.plural}
    attributes |= {"namespace": need.namespace} if resource.namespaced else {}
    attributes |= {"subresource": need.subresource} if need.subresource else {}
    return await reviewing.allowed(client, attributes)
