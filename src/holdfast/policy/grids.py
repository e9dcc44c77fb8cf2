"""The moments at which a tier wants a snapshot: fixed once and for all, so that nothing ever drifts.

An interval's grid hangs on the creation of the group and is shifted by a jitter that all tiers of the group share.
A cron tier fires when its expression says, with no jitter, and not before the group existed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from holdfast.policy import crons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.policy.schedules import Tier

MOST_COUNTED: Final = 1_000  # firings of a cron tier that are counted as missed; more are not told apart

_LONGEST_JITTER: Final = timedelta(seconds=60)
_BEFORE_ITS_TIME: Final = timedelta(minutes=5)
_INSTANT: Final = timedelta.resolution


def jitter(tiers: Iterable[Tier], seed: str) -> timedelta:
    """The group's shift in whole seconds: at most a tenth of the finest tier and a minute; 0 without tiers."""
    finest = min((tier.span for tier in tiers), default=timedelta())
    most = int(min(finest / 10, _LONGEST_JITTER).total_seconds())
    digest = hashlib.sha256(seed.encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8], "big") % (most + 1))


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid of one tier.

    A `now` well before the anchor is a wrong clock, since the anchor is the API server's time: the grid then
    reaches back as well, so that snapshots go on.
    """

    tier: Tier
    anchor: datetime
    jitter: timedelta = timedelta()

    def previous(self, now: datetime) -> datetime | None:
        """The newest point at or before `now`; None before the first."""
        if self.tier.interval is None:
            newest = crons.last_fire(self.tier.cron, self.tier.zone, now)
        else:
            newest = self._point(self._index(now))
        return newest if newest is not None and newest >= self._start(now) else None

    def next(self, now: datetime) -> datetime | None:
        """The first point after `now`; None if a cron expression fires no more."""
        start = self._start(now)
        if self.tier.interval is None:
            moment = max(now, start - _INSTANT)
            return crons.first_fire_after(self.tier.cron, self.tier.zone, moment)
        return max(self._point(self._index(now) + 1), start)

    def at_or_after(self, moment: datetime) -> datetime | None:
        """The first point not before `moment`."""
        return self.next(moment - _INSTANT)

    def count_between(self, after: datetime, before: datetime) -> int:
        """How many points lie strictly between; a cron tier counts `MOST_COUNTED` at most."""
        start = max(after, self._start(before) - _INSTANT)
        if start >= before:
            return 0
        if self.tier.interval is None:
            fires = crons.fires_after(self.tier.cron, self.tier.zone, start)
            return sum(1 for _ in islice(takewhile(lambda fire: fire < before, fires), MOST_COUNTED))
        return self._index(before - _INSTANT) - self._index(start)

    def _start(self, now: datetime) -> datetime:
        if now < self.anchor - _BEFORE_ITS_TIME:
            return now - timedelta(days=36_525)
        return self.anchor if self.tier.interval is None else self.anchor + self.jitter

    def _index(self, moment: datetime) -> int:
        assert self.tier.interval is not None  # noqa: S101 - told apart by every caller
        return (moment - self.anchor - self.jitter) // self.tier.interval

    def _point(self, index: int) -> datetime:
        assert self.tier.interval is not None  # noqa: S101 - told apart by every caller
        return self.anchor + self.jitter + index * self.tier.interval
