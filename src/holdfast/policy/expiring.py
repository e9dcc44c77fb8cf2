"""When a backup goes because its time is over, and what keeps it. Pure.

Rules: Velero 1.18, its garbage collection; more careful in one thing: the newest backup of a schedule that is whole
outlives its time, so that a schedule that fails for long does not end with no backup at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from holdfast.policy.syncing import BEGUN, DELETING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONG_AGO = datetime.fromtimestamp(0, UTC)
_WHOLE = "Completed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup as far as it matters here; `taken` is when it began."""

    name: str
    phase: str
    taken: datetime | None
    expiration: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """The location of a backup, as far as it matters here."""

    available: bool
    read_only: bool


def is_over(backup: Kept, of_schedule: Iterable[Kept], now: datetime) -> bool:
    """Whether a backup shall go by itself: its time is over, nobody works on it, and it is not the last of its kind.

    Args:
        backup: which one.
        of_schedule: all of its schedule; none without a schedule.
        now: the present moment.
    """
    expired = backup.expiration is not None and backup.expiration <= now
    return expired and backup.phase not in BEGUN | {DELETING} and not is_last(backup, of_schedule)


def is_last(backup: Kept, of_schedule: Iterable[Kept]) -> bool:
    """Whether it is the newest whole backup of its schedule; never one without a schedule, which gives no others."""
    whole = [each for each in of_schedule if each.phase == _WHOLE]
    newest = max(whole, key=lambda each: (each.taken or _LONG_AGO, each.name), default=None)
    return newest is not None and newest.name == backup.name


def hindrance(place: Place | None) -> str:
    """Why nothing can be deleted in a location, as Velero's label `gc-failure` says it; empty where it can."""
    if place is None:
        return "BSLNotFound"
    if not place.available:
        return "BSLUnavailable"
    return "BSLReadOnly" if place.read_only else ""
