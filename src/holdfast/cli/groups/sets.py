"""The moments of a group of several claims: how complete, and how far apart its snapshots were cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.cli import times
from holdfast.cli.listings import Column
from holdfast.cli.plain.listing import READY, state
from holdfast.policy.texts import instant
from holdfast.snapshots.reading import tier_texts

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.snapshots.moments import Moment


def columns(now: datetime) -> tuple[Column[Moment], ...]:
    return (
        Column("NAME", lambda m: m.shot.name),
        Column("READY", _state, colour=READY.get),
        Column("CLAIMS", _parts),
        Column("TAKEN", lambda m: instant(m.shot.as_of)),
        Column("AGE", lambda m: times.age(m.shot.as_of, now)),
        Column("SPREAD", lambda m: f"{seconds_apart(m)}s"),
        Column("FOR", lambda m: ", ".join(tier_texts(m.snapshots[0])) or m.shot.kind),
        Column("HELD BY", _holders),
        Column("ERROR", _error, text=True),
    )


def _state(moment: Moment) -> str:
    """As of one snapshot: the worst of them."""
    found = {state(s) for s in moment.snapshots}
    worst = next((word for word in ("leaving", "failing", "no") if word in found), "yes")
    return "no" if worst == "yes" and moment.shot.lacks else worst


def _parts(moment: Moment) -> str:
    """Ready ones of those that it was meant to have."""
    ready = sum(s.ready for s in moment.snapshots)
    return f"{ready}/{max(len(moment.meant), len(moment.snapshots))}"


def seconds_apart(moment: Moment) -> int:
    return int(moment.spread.total_seconds())


def _holders(moment: Moment) -> str:
    held = {s.metadata.labels[keys.HOLD] for s in moment.snapshots if keys.HOLD in s.metadata.labels}
    return ", ".join(sorted(held))


def _error(moment: Moment) -> str:
    lacks = f"no snapshot of {', '.join(moment.shot.lacks)}" if moment.shot.lacks else ""
    return "; ".join(filter(None, (lacks, moment.shot.error)))


def document(moment: Moment) -> dict[str, Any]:
    """For programs."""
    return {
        "name": moment.shot.name,
        "ready": moment.shot.ready,
        "takenAt": instant(moment.shot.as_of),
        "spreadSeconds": seconds_apart(moment),
        "snapshots": {claim: s.metadata.name for claim, s in sorted(moment.claims.items())},
        "lacks": list(moment.shot.lacks),
    }
