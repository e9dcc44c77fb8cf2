"""The end: the volume that lost gets its reclaim policy back, when the one that won is proven and time has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.claims.exchanging import LATER
from holdfast.policy.exchange import Phase

if TYPE_CHECKING:
    from holdfast.api.restores import VolumeRecord
    from holdfast.claims.exchanging import Exchange


async def settle(x: Exchange) -> float | None:
    """Let the old volume go at its time, if the claim is bound to another one then."""
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


async def _let_go(x: Exchange, loser: VolumeRecord | None) -> float | None:
    at = x.journal.status.let_go_at
    left = (at - x.clock.now()).total_seconds() if at else 0.0
    if left > 0:
        return left
    volume = await x.recorded_volume(loser)
    if volume is None or loser is None:
        return None
    claim = await x.world.claim()
    if claim is None or not claim.bound or claim.terminating:
        await x.journal.say(
            f"keeps volume {loser.name}: claim {x.journal.spec.claim_name} is not bound to anything else;"
            " delete this VolumeRestore if it is not wanted any more (the volume stays)"
        )
        return LATER
    if claim.spec.volume_name != loser.name:
        await x.set_policy(volume, loser.policy)
    return None
