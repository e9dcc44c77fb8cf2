"""What the status says of a drill as a whole: when it runs next, if it can, and if its proof is too old. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.meta import Condition, set_condition
from holdfast.drills.reading import group_problem
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.drills import RestoreDrill
    from holdfast.api.groups import SnapshotGroup
    from holdfast.drills.reading import Settings


def report(
    drill: RestoreDrill, settings: Settings, now: datetime, group: SnapshotGroup | None
) -> dict[str, Any]:
    """Fields of the status as of now; `group` is the one that it names."""
    conditions = drill.status.conditions
    for condition in (_ready(drill, settings, group), _overdue(drill, settings, now)):
        conditions = set_condition(conditions, condition, now)
    return {
        "observed_generation": drill.metadata.generation,
        "conditions": conditions,
        "next": settings.turns.next(now) if settings.turns and runs_by_itself(drill, settings) else None,
    }


def runs_by_itself(drill: RestoreDrill, settings: Settings) -> bool:
    """Whether it takes the turns of its schedule."""
    return settings.turns is not None and not settings.problems and not drill.spec.suspend


def overdue_from(drill: RestoreDrill, settings: Settings) -> datetime | None:
    """When its proof is overdue; None: never, because it has no turns."""
    if settings.turns is None or drill.spec.suspend:
        return None
    proven = drill.status.last_proven
    return settings.turns.overdue_from(proven.started if proven else None, settings.timeout)


def _ready(drill: RestoreDrill, settings: Settings, group: SnapshotGroup | None) -> Condition:
    if settings.problems:
        return _condition(drill, "Ready", "Unreadable", "; ".join(settings.problems), holds=False)
    reason, message = group_problem(drill.spec, group)
    if reason:
        return _condition(drill, "Ready", reason, message, holds=False)
    if drill.spec.suspend:
        return _condition(
            drill, "Ready", "Suspended", "runs only on request, as spec.suspend says", holds=True
        )
    return _condition(drill, "Ready", "Scheduled" if settings.turns else "OnRequest", "", holds=True)


def _overdue(drill: RestoreDrill, settings: Settings, now: datetime) -> Condition:
    since = overdue_from(drill, settings)
    if since is None or now < since:
        return _condition(drill, "Overdue", "InTime" if since else "NoTurns", "", holds=False)
    proven = drill.status.last_proven
    last = f"last proven {instant(proven.time)}" if proven else "never proven"
    message = f"{last}; `holdfast drill describe {drill.metadata.name}` tells what became of the runs since"
    return _condition(drill, "Overdue", "NotProven", message, holds=True)


def _condition(drill: RestoreDrill, kind: str, reason: str, message: str, *, holds: bool) -> Condition:
    return Condition(
        type=kind,
        status="True" if holds else "False",
        reason=reason,
        message=message,
        observed_generation=drill.metadata.generation,
    )
