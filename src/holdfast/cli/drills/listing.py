"""The table of drills: do my backups restore?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from holdfast.api.drills import RestoreDrill
from holdfast.api.resource import RESTORE_DRILLS
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.listings import Column, show_objects, show_rows

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.meta import Condition
    from holdfast.cli.options import Target

_COLOURS = {
    "Failed": "red",
    "Overdue": "red",
    "Unreadable": "red",
    "GroupMissing": "red",
    "GroupOfSeveral": "red",
    "Proven": "green",
}


def status(drill: RestoreDrill) -> str:
    """In one word: how the last run ended, or what is more urgent to know."""
    if drill.status.run:
        return drill.status.run.phase
    ready, overdue = condition(drill, "Ready"), condition(drill, "Overdue")
    if ready and ready.status == "False":
        return ready.reason
    if overdue and overdue.status == "True":
        return "Overdue"
    return drill.status.history[0].result if drill.status.history else "New"


def reason(drill: RestoreDrill) -> str:
    """Why it is so."""
    said = [condition(drill, "Ready"), condition(drill, "Overdue")]
    wrong = [c.message for c in said if c and (c.status == "True") == (c.type == "Overdue") and c.message]
    return wrong[0] if wrong else (drill.status.history[0].message if drill.status.history else "")


def condition(drill: RestoreDrill, kind: str) -> Condition | None:
    """What the operator says about a drill under one heading."""
    return next((c for c in drill.status.conditions if c.type == kind), None)


def colour(word: str) -> str | None:
    """The colour of a status."""
    return _COLOURS.get(word)


def proven(drill: RestoreDrill, now: datetime) -> str:
    """How old the last proof is."""
    proof = drill.status.last_proven
    return times.age(proof.time, now) if proof else "never"


def columns(now: datetime, *, namespaced: bool = False) -> tuple[Column[RestoreDrill], ...]:
    place = (Column[RestoreDrill]("NAMESPACE", lambda d: d.metadata.namespace),) if namespaced else ()
    return (
        *place,
        Column("NAME", lambda d: d.metadata.name),
        Column("GROUP", lambda d: d.spec.group_name),
        Column("LAST PROVEN", lambda d: proven(d, now)),
        Column("NEXT", lambda d: times.until(d.status.next, now)),
        Column("STATUS", status, colour=colour),
        Column("REASON", reason, wide=True, text=True),
    )


async def show(target: Target, *, all_namespaces: bool, output: str) -> None:
    """List drills."""
    async with connect(target) as cluster:
        namespace = None if all_namespaces else cluster.namespace
        objects = (await cluster.client.list(RESTORE_DRILLS, namespace)).items
    if output not in {"table", "wide"}:
        show_objects(objects, output, RESTORE_DRILLS)
        return
    rows = [msgspec.convert(item, RestoreDrill) for item in objects]
    empty = "No drills." if all_namespaces else f"No drills in namespace {namespace}."
    show_rows(rows, columns(times.now(), namespaced=all_namespaces), wide=output == "wide", empty=empty)
