"""A snapshot as far as decisions care, and which of its clocks to believe.

Four clocks meet in one snapshot: the operator's (the slot in the annotation), the API server's (`created`), the
storage system's (`cut`) and the one that asks now. Any single one may be wrong, so no order and no age hangs on
one alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["scheduled", "safety", "manual"]

AHEAD: Final = timedelta(minutes=1)  # how far a clock may run ahead of ours before we call it the future
_STAMP_MARGIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shot:
    """One snapshot, or several of one moment that count as one (`policy.sets`).

    `stamp` is the slot it stands for, `cut` when the storage took it (None: not yet), `tiers` the identities of
    its tiers, known to the schedule or not; a text that nobody can read stands there as it is. `lacks` names the
    claims whose part of a set is not there.
    """

    name: str
    uid: str
    stamp: datetime
    created: datetime
    cut: datetime | None
    ready: bool
    error: str
    tiers: frozenset[str]
    kind: Kind = "scheduled"
    held: bool = False
    terminating: bool = False
    lacks: tuple[str, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether the stamp was written by a clock that agreed with the API server's."""
        return self.stamp <= self.created + _STAMP_MARGIN

    @property
    def when(self) -> datetime:
        """The slot, or the creation if the slot lies after it."""
        return self.stamp if self.trusted else self.created

    @property
    def taken(self) -> datetime:
        """When it was taken, by which snapshots are put in order: the middle one of the three clocks.

        The middle one outvotes a single wrong clock, and keeps the date of a snapshot imported with its stamp.
        """
        return self.when if self.cut is None else sorted((self.stamp, self.created, self.cut))[1]

    @property
    def as_of(self) -> datetime:
        """The moment whose data it holds; nothing written later is in it."""
        return max(self.cut or self.created, self.taken)

    @property
    def pending(self) -> bool:
        """Whether it may still get ready."""
        return not self.ready and not self.terminating

    def ahead_of(self, now: datetime) -> bool:
        """Whether it is dated in the future, so that either its clock or ours is wrong."""
        return self.when > now + AHEAD

    def waited(self, now: datetime) -> timedelta:
        """How long it has existed, also by the clock of an operator that runs ahead."""
        return now - (self.stamp if self.created < self.stamp <= now else self.created)


def newest_first(shots: Iterable[Shot]) -> list[Shot]:
    """In the order in which they were taken."""
    return sorted(shots, key=lambda shot: (shot.taken, shot.created, shot.stamp, shot.name), reverse=True)
