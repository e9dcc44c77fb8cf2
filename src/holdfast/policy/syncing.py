"""Which backups of a location become objects of the cluster, and which objects go because theirs is gone. Pure.

Rules: Velero 1.18, its backup sync controller; more careful in one thing, `may_go`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

PARTIALLY_FAILED = "PartiallyFailed"
RESTORABLE = frozenset({"Completed", PARTIALLY_FAILED})
ENDED = RESTORABLE | {"Failed"}
UNFINISHED = frozenset(
    {
        "WaitingForPluginOperations",
        "WaitingForPluginOperationsPartiallyFailed",
        "Finalizing",
        "FinalizingPartiallyFailed",
    }
)
BEGUN = UNFINISHED | {"", "New", "Queued", "ReadyToStart", "InProgress"}
"""Phases in which somebody works on a backup, or is about to."""
DELETING = "Deleting"


def phase_here(phase: str, expiration: datetime | None, now: datetime) -> str:
    """The phase in which a stored backup comes into the cluster; empty while it does not.

    One that is not finished does not come before it has expired: then nobody will finish it, and it can be deleted.
    """
    if phase in ENDED:
        return phase
    expired = expiration is not None and expiration <= now
    return PARTIALLY_FAILED if phase in UNFINISHED and expired else ""


def orphans(known: Mapping[str, str], stored: Collection[str]) -> list[str]:
    """Names of ended backups that the location no longer has.

    Args:
        known: phases of the backups that the cluster has of this location, by name.
        stored: names in the location.
    """
    return sorted(name for name, phase in known.items() if phase in RESTORABLE and name not in stored)


def may_go(gone: Collection[str], known: Collection[str]) -> bool:
    """Whether orphans may be taken for deleted: where half of all vanish at once, the store may be another one."""
    return len(gone) * 2 < len(known)


def left(last: datetime | None, period: timedelta, now: datetime) -> timedelta | None:
    """How long until something that is done again and again is done next; None where it never is.

    Args:
        last: when it was done.
        period: between two times; 0 for once only.
        now: the present moment.
    """
    if last is None:
        return timedelta()
    return last + period - now if period else None
