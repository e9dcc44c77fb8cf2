"""When a drill runs, which snapshot it tries, and since when its proof is too old.

Turns are those of a grid, as for snapshots: nothing drifts, and what was missed is made up for once. A run out of
turn does not shift them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from holdfast.policy.grids import Grid, jitter
from holdfast.policy.shots import AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from holdfast.policy.schedules import Tier

GRACE: Final = timedelta(minutes=5)
"""How long a run may be late to end before its proof is called overdue."""


@dataclass(frozen=True, slots=True)
class Member:
    """The snapshot of one claim."""

    claim: str
    snapshot: str
    uid: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What can be tried: a ready snapshot, or a set of which all are ready.

    Attributes:
        taken: when it was cut; of a set, the last of it.
        whole: whether it is a set, also of one claim.
    """

    name: str
    taken: datetime
    members: tuple[Member, ...]
    whole: bool


def choose(candidates: Iterable[Candidate], *, at_random: bool, seed: str) -> Candidate | None:
    """The newest one, or one that only `seed` decides, so that two operators choose the same; None of none."""
    ordered = sorted(candidates, key=lambda each: (each.taken, each.name))
    if not ordered:
        return None
    digest = hashlib.sha256(seed.encode()).digest()
    return ordered[int.from_bytes(digest[:8], "big") % len(ordered)] if at_random else ordered[-1]


class Turns:
    """The moments at which a drill is to run."""

    def __init__(self, tier: Tier, anchor: datetime, seed: str) -> None:
        """Hang them on `anchor`, the drill's creation, shifted by what `seed`, its UID, gives."""
        self._anchor = anchor.replace(microsecond=0)
        self._grid = Grid(tier, self._anchor, jitter([tier], seed))
        self.span = tier.span

    def due(self, last: datetime | None, now: datetime) -> datetime | None:
        """The turn to take at `now`, after the `last` one that was taken; however many were missed, the newest."""
        turn = self._grid.previous(now)
        taken = last if last is not None and last <= now + AHEAD else None
        return turn if turn is not None and (taken is None or turn > taken) else None

    def next(self, now: datetime) -> datetime | None:
        """The first turn after `now`."""
        return self._grid.next(now)

    def overdue_from(self, proven: datetime | None, timeout: timedelta) -> datetime | None:
        """When the proof is overdue.

        Args:
            proven: start of the newest run that proved something.
            timeout: how long a run may take.
        """
        turn = self._grid.at_or_after(self._anchor) if proven is None else self._grid.next(proven)
        return turn + timeout + GRACE if turn is not None else None
