"""How each tier of a group stands, and when that changes by the mere passing of time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from holdfast.policy.decisions import TierState
from holdfast.policy.firing import presence
from holdfast.policy.retaining import belongs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from holdfast.policy.facts import Facts
    from holdfast.policy.grids import Grid
    from holdfast.policy.schedules import Tier

GRACE: Final = timedelta(minutes=1)  # after a snapshot falls due, before it is called overdue


def tier_states(facts: Facts) -> tuple[TierState, ...]:
    """One state a tier, in the schedule's order; a suspended one has no next and is never overdue."""
    grids = facts.timetable.grids if facts.timetable else (None,) * len(facts.tiers)
    return tuple(_state(facts, tier, grid) for tier, grid in zip(facts.tiers, grids, strict=True))


def overdue_from(facts: Facts) -> Iterator[datetime]:
    """The moments at which a tier becomes overdue if nothing happens; past ones among them."""
    for grid in facts.timetable.grids if facts.timetable else ():
        missing = _missing_from(facts, grid)
        unready = grid.next(facts.now - facts.settings.patience)
        yield from (missing,) if missing is not None else ()
        yield from (unready + facts.settings.patience,) if unready is not None else ()


def _state(facts: Facts, tier: Tier, grid: Grid | None) -> TierState:
    mine = [shot for shot in facts.standing if belongs(shot, tier, facts.tiers)]
    ready = [shot for shot in mine if shot.ready]
    return TierState(
        tier=tier,
        last=max((shot.when for shot in mine), default=None),
        last_ready=max((shot.when for shot in ready), default=None),
        next=grid.next(facts.now) if grid else None,
        ready=len(ready),
        failed=sum(belongs(shot, tier, facts.tiers) for shot in facts.failed),
        overdue=grid is not None and (_is_missing(facts, grid) or _is_unready(facts, grid)),
    )


def _is_missing(facts: Facts, grid: Grid) -> bool:
    moment = _missing_from(facts, grid)
    return moment is not None and moment <= facts.now


def _missing_from(facts: Facts, grid: Grid) -> datetime | None:
    """When the absence of a snapshot for the grid's newest point becomes, or became, overdue."""
    point = grid.previous(facts.now)
    if point is None or facts.timetable is None or facts.present.covers(point, grid.tier.id):
        return None
    due = facts.timetable.carried_at(grid, max(point, facts.settings.since))
    return due + GRACE if due is not None else None


def _is_unready(facts: Facts, grid: Grid) -> bool:
    """Whether a point whose snapshot has had its time has no ready one."""
    point = grid.previous(facts.now - facts.settings.patience)
    if point is None or point < facts.settings.since:
        return False
    ready = presence((shot for shot in facts.standing if shot.ready), facts.now)
    return not ready.covers(point, grid.tier.id)
