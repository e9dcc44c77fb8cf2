"""The way back: the old volume behind its claim again, from any phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import CLAIMS, VOLUMES
from holdfast.api.restores import VolumeRecord
from holdfast.claims import lowering, manifests, raising, siblings
from holdfast.claims.exchanging import LATER, SOON
from holdfast.claims.owners import living_owners
from holdfast.claims.preparing import others, restores, wait_for
from holdfast.claims.world import facts_of
from holdfast.kube import errors
from holdfast.policy.exchange import Back, Phase, step_back

if TYPE_CHECKING:
    from holdfast.api.restores import VolumeRestore
    from holdfast.api.storage import Claim, Volume
    from holdfast.claims.exchanging import Exchange


async def roll_back(x: Exchange) -> float | None:
    """One step towards the old volume; decided anew from the world each time."""
    everyone = await restores(x)
    if busy := [r for r in others(x, everyone) if _goes_first(r, x.journal.restore, everyone)]:
        return await wait_for(x, busy)
    if wait := await _lower_for_others(x):
        return wait
    status = x.journal.status
    if status.claim is None or status.volume is None:
        return await _finish(x, None)
    old = await x.recorded_volume(status.volume)
    claim = await x.world.claim()  # read after the volume: any other UID that this one names is a dead one
    if old is None:
        await x.journal.say(
            f"volume {status.volume.name} does not exist any more: nothing to go back to", blocked=True
        )
        return LATER
    return await _step(x, claim, old)


async def _lower_for_others(x: Exchange) -> float | None:
    """What uses the new claims of the set's others goes down, also if this one has none."""
    there = any(m.created and not m.over for m in x.siblings.others)
    return await lowering.lower(x) if there else None


def _goes_first(other: VolumeRestore, this: VolumeRestore, everyone: list[VolumeRestore]) -> bool:
    """Of several restores that go back, the youngest is first: what it goes back to is what the next one made."""

    def age(restore: VolumeRestore) -> tuple[str, str]:
        members = siblings.member(restore).members
        of_set = [r.metadata for r in everyone if r.metadata.name in members]
        return min((str(m.creation_timestamp), m.uid) for m in of_set)

    return other.status.phase != Phase.ROLLING_BACK or age(other) > age(this)


async def _step(x: Exchange, claim: Claim | None, old: Volume) -> float | None:
    match _decision(x, claim, old):
        case Back.FINISH:
            return await _finish(x, claim)
        case Back.REMOVE_NEW if claim:
            return await _remove_new(x, claim)
        case Back.RELEASE:
            return await _release(x, old)
        case Back.CREATE:
            return await _create(x)
        case Back.BLOCKED | Back.TAKEN as obstacle:
            await x.journal.say(_choices(obstacle, claim, old), blocked=True)
            return LATER
        case step:
            await x.journal.say(step.value)
            return SOON / 2


def _choices(obstacle: Back, claim: Claim | None, old: Volume) -> str:
    volume, ref = old.metadata.name, old.spec.claim_ref
    if obstacle is Back.TAKEN and ref:
        return (
            f"volume {volume} was given to claim {ref.namespace}/{ref.name}. Free its claimRef and it comes"
            " back, or leave it and delete this restore"
        )
    name, other = (claim.metadata.name, claim.spec.volume_name) if claim else ("", "")
    return (
        f"a foreign claim {name} has volume {other}; nothing of it is deleted. Either delete that claim and volume"
        f" {volume} comes back, or leave it and delete this restore"
    )


def _decision(x: Exchange, claim: Claim | None, old: Volume) -> Back:
    status, ref = x.journal.status, old.spec.claim_ref
    mine = ref is None or (ref.namespace, ref.name) == (x.journal.namespace, x.journal.spec.claim_name)
    return step_back(
        facts_of(claim),
        original=status.claim.uid if status.claim else "",
        old_volume=old.metadata.name,
        snapshot=x.journal.spec.snapshot_name,
        new_claim=status.new_claim,
        new_volume=status.new_volume.name if status.new_volume else "",
        volume_waits=mine and ref is not None and ref.uid in {"", claim.metadata.uid if claim else ""},
        volume_taken=not mine,
    )


async def _remove_new(x: Exchange, claim: Claim) -> float | None:
    """The claim that the restore made goes, and its volume stays for a while."""
    volume = await x.world.volume(claim.spec.volume_name) if claim.bound else None
    if volume:
        policy = x.journal.status.volume.policy if x.journal.status.volume else "Retain"
        record = VolumeRecord(name=volume.metadata.name, uid=volume.metadata.uid, policy=policy)
        await x.journal.record(new_volume=record)
        if not await x.retained(record):
            return SOON
    if wait := await lowering.lower(x):
        return wait
    if reason := await x.world.in_the_way(claim.spec.volume_name):
        await x.journal.say(f"waits for {reason}")
        return SOON
    try:
        await x.delete_claim(claim)
    except errors.Conflict:
        return SOON / 4
    return SOON / 4


async def _release(x: Exchange, old: Volume) -> float | None:
    """The volume names the claim without a UID: whoever bears the name next gets it."""
    ref = {
        "apiVersion": CLAIMS.api_version,
        "kind": CLAIMS.kind,
        "namespace": x.journal.namespace,
        "name": x.journal.spec.claim_name,
        "uid": None,
        "resourceVersion": None,
    }
    if old.spec.persistent_volume_reclaim_policy != "Retain":
        await x.retained(x.journal.status.volume)
        return SOON / 4
    body = {
        "metadata": {"uid": old.metadata.uid, "resourceVersion": old.metadata.resource_version},
        "spec": {"claimRef": ref},
    }
    await x.client.patch(VOLUMES, old.metadata.name, body)
    return SOON / 4


async def _create(x: Exchange) -> float | None:
    recorded, old = x.journal.status.claim, x.journal.status.volume
    if recorded is None or old is None:
        raise RuntimeError(f"restore {x.journal.restore.metadata.name} rolls back without a record")
    bare = manifests.bare_claim(recorded.manifest, await living_owners(x.client, recorded.manifest))
    try:
        await x.client.create(CLAIMS, manifests.returned_claim(bare, old.name), x.journal.namespace)
    except errors.AlreadyExists:
        pass
    except (errors.Forbidden, errors.Invalid) as error:
        await x.journal.say(
            f"the old claim is refused: {error}; make room and it is created again", blocked=True
        )
        return LATER
    return SOON / 4


async def _finish(x: Exchange, claim: Claim | None) -> float | None:
    """The volume gets its policy back only after a delete that somebody else decided on cannot succeed any more.

    Workloads of a set come back when all of its claims are.
    """
    if x.journal.status.workloads and (wait := await siblings.wait_until_over(x)):
        return wait
    if claim and x.journal.had(Phase.DELETE) and not x.journal.had(Phase.WAIT_GONE):
        await x.fence_claim(claim)
        found = facts_of(await x.world.claim())
        if found is None or found.terminating or found.uid != claim.metadata.uid:
            return SOON / 4
    await x.put_policy_back(x.journal.status.volume)
    await x.unhold_target()
    if wait := await raising.bring_back(x):
        return wait
    until = None
    if x.journal.status.new_volume:
        until = x.grace_ends()
    why = f" ({x.journal.status.reason})" if x.journal.status.reason else ""
    await x.journal.enter(
        Phase.ROLLED_BACK, f"everything is as it was{why}{raising.left(x)}", let_go_at=until
    )
    return None
