"""From the gap after the old claim to the new one in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import CLAIMS
from holdfast.api.restores import VolumeRecord
from holdfast.claims import lowering, manifests, raising, siblings
from holdfast.claims.exchanging import LATER, SOON
from holdfast.claims.owners import living_owners
from holdfast.claims.world import facts_of, whole
from holdfast.kube import errors
from holdfast.policy.exchange import Gap, Phase, fill_gap

if TYPE_CHECKING:
    from holdfast.api.storage import Claim
    from holdfast.claims.exchanging import Exchange


async def create(x: Exchange) -> float | None:
    claim = await x.world.claim()
    match _gap(x, claim):
        case Gap.CREATE:
            return await _create_claim(x)
        case Gap.ADOPT if claim:
            await _adopt(x, claim)
            return None
        case Gap.DISPLACE if claim:
            await x.journal.record(displaced=x.journal.status.displaced + 1)
            await x.delete_claim(claim)
            return SOON / 4
        case Gap.TAKEN_BACK:
            await x.journal.enter(
                Phase.ROLLING_BACK, reason="somebody bound the old volume to the claim again"
            )
            return None
        case Gap.BLOCKED if claim:
            await x.journal.say(_choices(x, claim), blocked=True)
            return LATER
        case _:
            await x.journal.say("waits until the claim in the gap is gone")
            return SOON / 2


def _gap(x: Exchange, claim: Claim | None) -> Gap:
    status = x.journal.status
    return fill_gap(
        facts_of(claim),
        original=status.claim.uid if status.claim else "",
        old_volume=status.volume.name if status.volume else "",
        snapshot=x.journal.spec.snapshot_name,
        displaced=status.displaced,
    )


def _choices(x: Exchange, claim: Claim) -> str:
    name, old = claim.metadata.name, x.journal.status.volume
    return (
        f"a foreign claim {name} has volume {claim.spec.volume_name or '(none yet)'}; nothing of it is deleted."
        f" Either delete claim {name} and the restore goes on, or set spec.rollback and delete it to get"
        f" volume {old.name if old else ''} back"
    )


async def _create_claim(x: Exchange) -> float | None:
    recorded = x.journal.status.claim
    if recorded is None:
        raise RuntimeError(f"restore {x.journal.restore.metadata.name} reached Create without a record")
    owners = await living_owners(x.client, recorded.manifest)
    bare = manifests.bare_claim(recorded.manifest, owners)
    spec, old = x.journal.spec, x.journal.status.volume
    claim = whole(recorded.manifest)
    volume = await x.world.volume(old.name) if old and claim.selected_node else None
    node = volume.node_of(claim) if volume else ""
    body = manifests.restored_claim(bare, spec.snapshot_name, x.journal.status.size, spec.point, node)
    try:
        await x.client.create(CLAIMS, body, x.journal.namespace)
    except errors.AlreadyExists:
        return SOON / 4
    except (errors.Forbidden, errors.Invalid) as error:
        if "exceeded quota" in str(error) and x.just_entered():
            await x.journal.say("waits until the quota has noticed that the old claim is gone")
            return SOON
        await x.journal.enter(Phase.ROLLING_BACK, reason=f"the new claim was refused: {error}")
        return None
    return None


async def _adopt(x: Exchange, claim: Claim) -> None:
    waits = await _waits_for_a_pod(x, claim)
    phase = Phase.RESUME if waits else Phase.WAIT_BOUND
    message = _unbound(claim, on_demand=waits)
    await x.journal.enter(phase, message, new_claim=claim.metadata.uid, new_volume=None)


def _unbound(claim: Claim, *, on_demand: bool) -> str:
    name = claim.metadata.name
    if on_demand:
        return f"claim {name} binds when a pod wants it: start the application"
    return f"waits until claim {name} is bound (it is {claim.status.phase})"


async def _waits_for_a_pod(x: Exchange, claim: Claim) -> bool:
    found = await x.world.storage_class(claim.spec.storage_class_name or "")
    return not claim.bound and found is not None and found.volume_binding_mode == "WaitForFirstConsumer"


async def wait_bound(x: Exchange) -> float | None:
    """Nothing is settled before the new volume is there and names this very claim."""
    claim = await x.world.claim()
    if claim is None or claim.metadata.uid != x.journal.status.new_claim or claim.terminating:
        await x.journal.enter(Phase.CREATE, "the new claim went away; creates it again", new_claim="")
        return SOON
    volume = await x.world.volume(claim.spec.volume_name) if claim.bound else None
    if volume is None or not volume.spec.claim_ref or volume.spec.claim_ref.uid != claim.metadata.uid:
        await x.journal.say(_unbound(claim, on_demand=await _waits_for_a_pod(x, claim)))
        return SOON / 4
    old = x.journal.status.volume
    policy = old.policy if old else "Retain"
    record = VolumeRecord(name=volume.metadata.name, uid=volume.metadata.uid, policy=policy)
    await x.journal.record(new_volume=record)
    await x.set_policy(volume, policy)
    await x.journal.enter(Phase.RESUME, "the data is back: the application may start")
    return None


async def resume(x: Exchange) -> float | None:
    """Applications start. Where a claim binds only when a pod wants it, this comes before it is bound, and again.

    In a set one starts them, when all the claims are there; the others wait for it.
    """
    if siblings.bears(x) and (wait := await siblings.wait(x)):
        return wait
    if wait := await raising.bring_back(x):
        return wait
    if x.journal.status.new_volume is None:
        await x.journal.enter(Phase.WAIT_BOUND, x.journal.status.message)
        return None
    if waits := await raising.unready(x):
        await _say_unready(x, waits)
        return SOON
    if wait := await siblings.wait(x):
        return wait
    await settle_from_now(x)
    return None


async def _say_unready(x: Exchange, waits: str) -> None:
    late = lowering.late(x)
    remedy = ": look at its pods; the restore goes on when it is ready, or set spec.rollback" if late else ""
    await x.journal.say(f"the data is back; waits for {waits}{remedy}", blocked=late)


async def settle_from_now(x: Exchange) -> None:
    await x.unhold_target()
    until = x.grace_ends()
    old = x.journal.status.volume
    name = old.name if old else ""
    message = f"the data is back; volume {name} is kept until {until:%Y-%m-%d %H:%M:%S} UTC{raising.left(x)}"
    await x.journal.enter(Phase.SETTLE, message, let_go_at=until)


FILLING = {Phase.CREATE: create, Phase.WAIT_BOUND: wait_bound, Phase.RESUME: resume}
