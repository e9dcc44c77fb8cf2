"""The end: the volume that lost gets its reclaim policy back, when the one that won is proven and time has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.claims import siblings
from holdfast.claims.exchanging import LATER, SOON
from holdfast.policy.exchange import Phase

if TYPE_CHECKING:
    from holdfast.api.restores import VolumeRecord
    from holdfast.api.storage import Claim
    from holdfast.claims.exchanging import Exchange


async def settle(x: Exchange) -> float | None:
    """Let the old volume go at its time, if the claim is bound to another one then."""
    if (left := _left(x)) > 0:
        return left
    if wait := await _agreed(x):
        return wait
    wait = await _let_go(x, x.journal.status.volume)
    if wait is not None:
        return wait
    await x.journal.enter(Phase.DONE, "done", let_go_at=None)
    return None


async def rolled_back(x: Exchange) -> float | None:
    """After a rollback the new volume is the one that lost."""
    if x.journal.status.let_go_at is None:
        return None
    wait = await _let_go(x, x.journal.status.new_volume)
    if wait is None:
        await x.journal.record(let_go_at=None)
    return wait


async def _agreed(x: Exchange) -> float | None:
    """The old volumes of a set go when all have settled, and have then said that theirs may."""
    if x.siblings.missing:
        await x.journal.say(_lost(x), blocked=True)
        return LATER
    if wait := await siblings.wait(x):
        return wait
    if x.journal.status.agreed or not x.siblings.others:
        return None
    if wait := await _kept(x, x.journal.status.volume, await x.world.claim()):
        return wait
    await x.journal.record(agreed=True)
    return SOON / 4


def _lost(x: Exchange) -> str:
    names = ", ".join(x.siblings.missing)
    back = "" if x.journal.status.agreed else "set spec.rollback to get the old volume back, or "
    return f"restore {names} of its set is gone: {back}delete this VolumeRestore (the old volume stays)"


def _left(x: Exchange) -> float:
    at = x.journal.status.let_go_at
    return (at - x.clock.now()).total_seconds() if at else 0.0


async def _let_go(x: Exchange, loser: VolumeRecord | None) -> float | None:
    if (left := _left(x)) > 0:
        return left
    volume, claim = await x.recorded_volume(loser), await x.world.claim()
    if volume is None or loser is None:
        return None
    if wait := await _kept(x, loser, claim):
        return wait
    if claim and claim.spec.volume_name != loser.name:
        await x.set_policy(volume, loser.policy)
    return None


async def _kept(x: Exchange, loser: VolumeRecord | None, claim: Claim | None) -> float | None:
    """Nothing goes while the claim is not bound."""
    if loser is None or (claim and claim.bound and not claim.terminating):
        return None
    await x.journal.say(
        f"keeps volume {loser.name}: claim {x.journal.spec.claim_name} is not bound to anything else;"
        " delete this VolumeRestore if it is not wanted any more (the volume stays)"
    )
    return LATER
