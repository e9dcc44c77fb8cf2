"""From the request to the moment before the old claim goes: nothing here can lose anything.

Each phase returns None when the next one has been entered, or the seconds after which to look again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.resource import SNAPSHOTS, VOLUME_RESTORES
from holdfast.api.restores import ClaimRecord, SnapshotRecord, VolumeRecord, VolumeRestore
from holdfast.claims import gathering, lowering, manifests, preflight, siblings
from holdfast.claims.exchanging import LATER, SOON
from holdfast.claims.world import whole
from holdfast.kube import errors
from holdfast.policy.exchange import EXCLUSIVE, Phase

if TYPE_CHECKING:
    from holdfast.api.storage import Claim, Snapshot
    from holdfast.claims.exchanging import Exchange


LONGEST_STEM = 242
"""The safety snapshot is named stem-unixseconds and a name has 253 characters at most."""


async def restores(x: Exchange) -> list[VolumeRestore]:
    """All restores of the namespace."""
    return (await x.client.list(VOLUME_RESTORES, x.journal.namespace, type=VolumeRestore)).items


def others(x: Exchange, restores: list[VolumeRestore]) -> list[VolumeRestore]:
    """Those of this claim, or of any in its set, that are at work and do not belong to the set."""
    own, claims = siblings.member(x.journal.restore).members, siblings.claims(x)
    return [
        r
        for r in restores
        if r.spec.claim_name in claims and r.metadata.name not in own and r.status.phase in EXCLUSIVE
    ]


async def wait_for(x: Exchange, busy: list[VolumeRestore]) -> float:
    """Say whose turn it is."""
    names = ", ".join(sorted(r.metadata.name for r in busy))
    await x.journal.say(f"waits for restore {names} of the same claim")
    return SOON


async def requested(x: Exchange) -> float | None:
    """Wait for one's turn: writing down Preflight first and looking at the others afterwards lets only one in."""
    if reason := gathering.refusal(x):
        await x.refuse(reason)
        return None
    if wait := await gathering.wait(x):
        return wait
    if busy := others(x, await restores(x)):
        if not x.journal.status.phase:
            await x.journal.enter(Phase.REQUESTED)
        return await wait_for(x, busy)
    await x.journal.enter(Phase.PREFLIGHT, "looks at everything before anything is touched")
    return None


async def preflight_(x: Exchange) -> float | None:
    if others(x, await restores(x)):
        await x.journal.enter(Phase.REQUESTED)
        return SOON
    report = await preflight.inspect(x.client, x.journal.namespace, x.journal.spec)
    if report.only_needs_time and x.just_entered():
        await x.journal.say(f"waits: {report.problems[0]}")
        return SOON
    if report.problems:
        await x.refuse("; ".join(report.problems))
        return None
    await x.journal.enter(Phase.FREEZE, "stops schedules and retention of the claim", size=report.size)
    return None


async def freeze(x: Exchange) -> float | None:
    """Groups stop by looking at this phase; the hold makes a retirement decided before it fail.

    The restores of a set wait here for each other: each has passed its preflight, none has touched anything.
    """
    if x.journal.status.target is None:
        if reason := gathering.refusal(x):
            await x.refuse(reason)
            return None
        if wait := await gathering.wait(x):
            return wait
    name = x.journal.spec.snapshot_name
    snapshot = await x.world.snapshot(name)
    if snapshot is None or not snapshot.ready:
        await x.journal.enter(Phase.ROLLING_BACK, reason=f"snapshot {name} went away or is no longer ready")
        return None
    record = SnapshotRecord(
        name=name,
        uid=snapshot.metadata.uid,
        held=snapshot.metadata.labels.get(keys.HOLD, x.holder) == x.holder,
    )
    await x.journal.record(target=record)
    if record.held:
        await x.hold(snapshot, x.holder)
    await x.journal.enter(Phase.RECORD, "writes down the claim and its volume")
    return None


async def record(x: Exchange) -> float | None:
    manifest = await x.world.claim_manifest()
    claim = whole(manifest) if manifest else None
    volume = await x.world.volume(claim.spec.volume_name) if claim else None
    if manifest is None or claim is None or volume is None or claim.terminating:
        await x.journal.enter(Phase.ROLLING_BACK, reason=f"claim {x.journal.spec.claim_name} went away")
        return None
    policy = volume.spec.persistent_volume_reclaim_policy
    await x.journal.enter(
        Phase.RETAIN,
        f"keeps volume {volume.metadata.name}",
        claim=ClaimRecord(uid=claim.metadata.uid, manifest=manifest),
        volume=VolumeRecord(name=volume.metadata.name, uid=volume.metadata.uid, policy=policy),
    )
    return None


async def retain(x: Exchange) -> float | None:
    if not await x.retained(x.journal.status.volume):
        await x.journal.enter(
            Phase.ROLLING_BACK, reason="the old volume is gone or is no longer the one recorded"
        )
        return None
    await x.journal.enter(Phase.QUIESCE, "waits until nobody uses the claim")
    return None


async def quiesce(x: Exchange) -> float | None:
    old = x.journal.status.volume
    if reason := await _lost(x):
        await x.journal.enter(Phase.ROLLING_BACK, reason=reason)
        return None
    if wait := await lowering.lower(x):
        return await _in_time(x, wait)
    if reason := await x.world.in_the_way(old.name if old else "", remedy=lowering.remedy(x)):
        stranger = await lowering.stranger(x)
        await x.journal.say(stranger or f"waits for {reason}", blocked=bool(stranger))
        return await _in_time(x, SOON)
    if x.journal.spec.skip_safety_snapshot and not x.siblings.others:
        await x.journal.enter(Phase.DELETE, "no safety snapshot was wanted; deletes the claim", safety=None)
        return None
    await x.journal.enter(Phase.SAFETY_SNAPSHOT, "takes a snapshot of the present state", safety=None)
    return None


async def _in_time(x: Exchange, wait: float) -> float | None:
    """Everything goes back where it does not get quiet in the time that was given."""
    if not lowering.late(x):
        return wait
    await x.journal.enter(Phase.ROLLING_BACK, reason=f"not quiet in time: {x.journal.status.message}")
    return None


async def _lost(x: Exchange) -> str:
    """Whether somebody deletes the claim meanwhile: its volume, which is on Retain, is brought back then."""
    claim, recorded = await x.world.claim(), x.journal.status.claim
    if claim is None or claim.terminating or (recorded and claim.metadata.uid != recorded.uid):
        return f"claim {x.journal.spec.claim_name} was deleted by somebody else"
    return ""


async def safety_snapshot(x: Exchange) -> float | None:
    if reason := await _lost(x):
        await x.journal.enter(Phase.ROLLING_BACK, reason=reason)
        return None
    if reason := await _restless(x):
        await x.journal.enter(Phase.QUIESCE, f"waits for {reason}")
        return SOON
    if x.journal.spec.skip_safety_snapshot:
        return await _saved(x)
    record = x.journal.status.safety
    if record is None:
        return await _name_safety(x)
    snapshot = await x.world.snapshot(record.name)
    if snapshot is None:
        return await _create_safety(x, record.name)
    return await _await_safety(x, snapshot)


async def _name_safety(x: Exchange) -> float | None:
    """Name one that does not exist: an earlier one of this restore has less than the claim holds by now."""
    stem = (x.journal.spec.group or x.journal.spec.claim_name)[:LONGEST_STEM].rstrip("-.")
    name = f"{stem}-{int(x.clock.now().timestamp())}"
    if await x.world.snapshot(name):
        return SOON / 4
    await x.journal.record(safety=SnapshotRecord(name=name))
    return None


async def _create_safety(x: Exchange, name: str) -> float:
    spec = x.journal.spec
    target = await x.world.snapshot(spec.snapshot_name)
    body = manifests.safety_snapshot(
        name,
        x.journal.namespace,
        spec.claim_name,
        group=spec.group,
        point=spec.point,
        stamp=int(name.rsplit("-", 1)[1]),
        request=x.journal.restore.metadata.uid,
        class_name=(target.spec.volume_snapshot_class_name or "") if target else "",
    )
    try:
        await x.client.create(SNAPSHOTS, body, x.journal.namespace)
    except errors.AlreadyExists:
        return SOON / 4
    except (errors.Forbidden, errors.Invalid) as error:
        remedy = "make room for it, or cancel and restore without one (skipSafetySnapshot)"
        await x.journal.say(f"the safety snapshot is refused: {error}; {remedy}", blocked=True)
        return LATER
    return SOON / 4


async def _await_safety(x: Exchange, snapshot: Snapshot) -> float | None:
    meta = snapshot.metadata
    if meta.annotations.get(keys.REQUEST) != x.journal.restore.metadata.uid or meta.deletion_timestamp:
        await x.journal.record(safety=None)
        return SOON
    if not snapshot.ready:
        error = snapshot.status.error.message if snapshot.status.error else "the driver is at it"
        await x.journal.say(f"waits for safety snapshot {meta.name} to become ready: {error}")
        return SOON / 4
    await x.journal.record(safety=SnapshotRecord(name=meta.name, uid=meta.uid))
    return await _saved(x)


async def _saved(x: Exchange) -> float | None:
    """No claim of a set goes before what each of them holds is saved."""
    if wait := await siblings.wait(x):
        return wait
    await x.journal.enter(Phase.DELETE, f"deletes claim {x.journal.spec.claim_name}")
    return None


async def _restless(x: Exchange) -> str:
    """Pods or attachments that came back; the safety snapshot itself may be unready meanwhile."""
    if pods := await x.world.users():
        return f"pods that use the claim again: {', '.join(pods)}; {lowering.remedy(x)}"
    old = x.journal.status.volume
    nodes = await x.world.attached(old.name) if old else []
    return f"volume {old.name} to be detached from {', '.join(nodes)}" if old and nodes else ""


async def delete(x: Exchange) -> float | None:
    """The last look, then the act that cannot be undone (the volume stays: it is on Retain)."""
    recorded, old = x.journal.status.claim, x.journal.status.volume
    claim = await x.world.claim()
    if recorded is None or old is None:
        raise RuntimeError(f"restore {x.journal.restore.metadata.name} reached Delete without a record")
    if claim is None or claim.metadata.uid != recorded.uid or claim.terminating:
        await x.journal.enter(Phase.WAIT_GONE, f"waits until claim {x.journal.spec.claim_name} is gone")
        return None
    if reason := await x.world.in_the_way(old.name):
        await x.journal.enter(Phase.QUIESCE, f"waits for {reason}")
        return SOON
    if reason := await _unproven(x, claim):
        await x.journal.enter(Phase.ROLLING_BACK, reason=reason)
        return None
    try:
        await x.delete_claim(claim)
    except errors.Conflict:
        return SOON / 4
    return None


async def _unproven(x: Exchange, claim: Claim) -> str:
    """Why the old claim must not go after all."""
    target = await x.world.snapshot(x.journal.spec.snapshot_name)
    known = x.journal.status.target
    if target is None or not target.ready or (known and target.metadata.uid != known.uid):
        return f"snapshot {x.journal.spec.snapshot_name} went away or is no longer ready"
    safety = x.journal.status.safety
    if safety and ((found := await x.world.snapshot(safety.name)) is None or not found.ready):
        return f"safety snapshot {safety.name} went away or is no longer ready"
    if claim.spec.volume_name != (x.journal.status.volume.name if x.journal.status.volume else ""):
        return f"claim {claim.metadata.name} has another volume than the one recorded"
    if not await x.retained(x.journal.status.volume):
        return "the old volume could not be set to Retain"
    return ""


async def wait_gone(x: Exchange) -> float | None:
    claim = await x.world.claim()
    recorded = x.journal.status.claim
    if claim and recorded and claim.metadata.uid == recorded.uid:
        await x.journal.say(await _what_keeps(x, claim))
        return SOON / 2
    await x.journal.enter(Phase.CREATE, f"creates claim {x.journal.spec.claim_name} from the snapshot")
    return None


async def _what_keeps(x: Exchange, claim: Claim) -> str:
    foreign = [f for f in claim.metadata.finalizers if not f.startswith("kubernetes.io/")]
    if reason := await x.world.in_the_way(claim.spec.volume_name):
        return f"waits for {reason}"
    if foreign:
        return f"waits for the owners of finalizers on claim {claim.metadata.name}: {', '.join(foreign)}"
    return f"waits until claim {claim.metadata.name} is gone"


FORWARD = {
    Phase.REQUESTED: requested,
    Phase.PREFLIGHT: preflight_,
    Phase.FREEZE: freeze,
    Phase.RECORD: record,
    Phase.RETAIN: retain,
    Phase.QUIESCE: quiesce,
    Phase.SAFETY_SNAPSHOT: safety_snapshot,
    Phase.DELETE: delete,
    Phase.WAIT_GONE: wait_gone,
}
