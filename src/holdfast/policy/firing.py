"""When a snapshot is due, and for which tiers.

The finest tier drives. A coarser tier rides on the first snapshot at or after its own point and asks for one of
its own only where the finest tier pauses for longer than half the coarse interval, as cron tiers may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from holdfast.policy import grids
from holdfast.policy.grids import Grid
from holdfast.policy.shots import AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from holdfast.policy.schedules import Tier
    from holdfast.policy.shots import Shot

_FOREVER: Final = timedelta.max


@dataclass(frozen=True, slots=True)
class Presence:
    """The snapshots that stand for points: per snapshot its tiers and the latest point it reaches."""

    reaches: tuple[tuple[frozenset[str], datetime], ...]

    @property
    def latest(self) -> datetime | None:
        return max((reach for _, reach in self.reaches), default=None)

    def covers(self, point: datetime, identity: str | None = None) -> bool:
        """Whether a snapshot (of the tier with this identity) stands for `point` or for a later one."""
        return any(reach >= point and identity in {None, *tiers} for tiers, reach in self.reaches)


def presence(shots: Iterable[Shot], now: datetime) -> Presence:
    """What the given snapshots stand for at `now`; what is dated in the future stands for nothing yet.

    A stamp far ahead of the API server's time counts while our clock agrees with it, so that a clock which runs
    ahead takes one snapshot a slot, and only until a snapshot with a sound stamp has followed.
    """
    shots = list(shots)
    sound = max((shot.created for shot in shots if shot.trusted), default=None)
    found = []
    for shot in shots:
        believed = shot.trusted or sound is None or shot.created > sound
        clocks = {shot.created, shot.when, shot.stamp if believed else shot.when}
        past = [clock for clock in clocks if clock <= now + AHEAD]
        found += [(shot.tiers, max(past))] if past else []
    return Presence(tuple(found))


@dataclass(frozen=True, slots=True)
class Due:
    slot: datetime
    tiers: tuple[str, ...]


class Timetable:
    """The grids of a schedule with at least one tier."""

    def __init__(self, tiers: Sequence[Tier], anchor: datetime, seed: str) -> None:
        """Hang the grids on `anchor`, the group's creation, shifted by what `seed`, its UID, gives."""
        shift = grids.jitter(tiers, seed)
        start = anchor.replace(microsecond=0)
        self.grids = tuple(Grid(tier, start, shift) for tier in tiers)
        self.finest = min(self.grids, key=lambda grid: (grid.tier.span, grid.tier.id))
        self.coarser = tuple(grid for grid in self.grids if grid is not self.finest)

    def due(self, present: Presence, now: datetime) -> Due | None:
        """The slot that wants a snapshot at `now`, with the identities of the tiers it is for."""
        slot = self.finest.previous(now)
        if slot is None or present.covers(slot):
            slot = self._own_slot(present, now)
        return Due(slot, self._riders(present, now)) if slot is not None else None

    def next_due(self, now: datetime) -> datetime | None:
        """The first moment after `now` at which a snapshot falls due."""
        upcoming = [self.finest.next(now)]
        for grid in self.coarser:
            point = grid.next(now)
            upcoming += [point] if point is not None and self._pauses(grid, point, now=point) else []
        return min((moment for moment in upcoming if moment is not None), default=None)

    def carried_at(self, grid: Grid, point: datetime) -> datetime | None:
        """When the snapshot that stands for the grid's `point` falls due; None: with no firing in sight."""
        if grid is self.finest or self._pauses(grid, point, now=point):
            return point
        return self.finest.at_or_after(point)

    def _own_slot(self, present: Presence, now: datetime) -> datetime | None:
        points = ((grid, grid.previous(now)) for grid in self.coarser)
        own = [
            point
            for grid, point in points
            if point is not None
            and not present.covers(point, grid.tier.id)
            and self._pauses(grid, point, now=now)
        ]
        return max(own, default=None)

    def _pauses(self, grid: Grid, point: datetime, *, now: datetime) -> bool:
        """Whether, seen at `now`, the finest tier leaves the grid's `point` alone for too long."""
        last = self.finest.previous(now)
        coming = self.finest.at_or_after(point) if last is None or last < point else self.finest.next(now)
        waiting_since = point if last is None else max(point, last)
        pause = coming - waiting_since if coming is not None else _FOREVER
        return pause > max(grid.tier.span / 2, self.finest.tier.span)

    def _riders(self, present: Presence, now: datetime) -> tuple[str, ...]:
        """All tiers on the very first snapshot, later those whose newest point has none."""
        if not present.reaches:
            return tuple(grid.tier.id for grid in self.grids)
        points = ((grid.tier.id, grid.previous(now)) for grid in self.grids)
        return tuple(name for name, point in points if point is not None and not present.covers(point, name))
