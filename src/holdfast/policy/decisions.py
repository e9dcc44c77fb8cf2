"""What a decision needs besides tiers and snapshots, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from holdfast.policy.sets import ONE_MOMENT

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.policy.schedules import Tier
    from holdfast.policy.shots import Shot

_UPLOADING: Final = timedelta(hours=24)
_CUTTING: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """What the one who decides took last: for which slot, and when by its own clock."""

    slot: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Settings:
    """The group around the schedule.

    `anchor` is the group's creation and `seed` its UID; `since` is when the schedule's present meaning was first
    seen. `partial` says that an entry of the schedule could not be read: snapshots of tiers that the schedule does
    not know might belong to it and are left alone. `taken` is what this process remembers, if anything: by it one
    whose clock runs far ahead of the API server's knows that a snapshot is new.
    """

    anchor: datetime
    seed: str
    since: datetime
    min_ready: int = 1
    max_age: timedelta | None = None
    ready_within: timedelta | None = None
    suspended: bool = False
    partial: bool = False
    taken: Taken | None = None

    def deadline(self, shot: Shot) -> timedelta:
        """How long the snapshot may exist without being ready."""
        if shot.lacks:
            return ONE_MOMENT
        return self.ready_within or (_CUTTING if shot.cut is None else _UPLOADING)

    def waited(self, shot: Shot, now: datetime) -> timedelta:
        """How long a snapshot has existed: by its clocks, or by the memory of whoever took it, if that is shorter."""
        by_clocks = shot.waited(now)
        if self.taken is None or self.taken.slot != shot.stamp or self.taken.at > now:
            return by_clocks
        return min(by_clocks, now - self.taken.at)

    @property
    def patience(self) -> timedelta:
        """How long a snapshot of a working driver may take at most."""
        return self.ready_within or _UPLOADING


@dataclass(frozen=True, slots=True)
class Take:
    """A snapshot to take now; `missed` counts the finest tier's points passed over since the last one."""

    slot: datetime
    tiers: tuple[str, ...]
    missed: int


@dataclass(frozen=True, slots=True)
class Removal:
    """A snapshot to delete, and the rule that says so."""

    shot: Shot
    rule: str


@dataclass(frozen=True, slots=True)
class TierState:
    """How a tier stands. `overdue`: a snapshot that should be there, or be ready by now, is not."""

    tier: Tier
    last: datetime | None
    last_ready: datetime | None
    next: datetime | None
    ready: int
    failed: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now.

    `waiting` says why a snapshot that is due is not taken yet. `look_again` is the first moment at which the same
    facts may lead to another decision; until then only a changed snapshot or group can.
    """

    take: Take | None
    retire: tuple[Removal, ...]
    failed: tuple[Removal, ...]
    next_due: datetime | None
    states: tuple[TierState, ...]
    missed: int
    waiting: str
    look_again: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """A snapshot to come, and what goes once it is ready; `pending` names one that is already being taken."""

    at: datetime
    slot: datetime
    tiers: tuple[str, ...]
    retires: tuple[Removal, ...]
    pending: str = ""
