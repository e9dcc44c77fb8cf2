"""One drill in full: what it does, what it proved, the results of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from holdfast.api.drills import Picked, RestoreDrill
from holdfast.cli import listings, times
from holdfast.cli.connecting import connect
from holdfast.cli.drills import finding
from holdfast.cli.drills.listing import colour, proven, reason, status
from holdfast.cli.listings import Column, show_rows
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.drills import Proof, Trial
    from holdfast.cli.options import Target


async def describe(target: Target, name: str, *, output: str) -> None:
    """Print everything about one drill."""
    async with connect(target) as cluster:
        raw = await finding.raw_drill(cluster, name)
    if output == "text":
        _print(msgspec.convert(raw, RestoreDrill), times.now())
    else:
        listings.show_document(listings.without_noise(raw), output)


def _print(drill: RestoreDrill, now: datetime) -> None:
    word, why = status(drill), reason(drill)
    lines = {
        "Drill": f"{drill.metadata.namespace}/{drill.metadata.name}",
        "Group": drill.spec.group_name,
        "Status": click.style(word, fg=colour(word), bold=True) + (f": {why}" if why else ""),
        "Proven": _proof(drill, now),
        "Next": f"{times.until(due, now)}, at {instant(due)}" if (due := drill.status.next) else "on request",
        "Now": drill.status.run.scratch if drill.status.run else "",
    }
    for title, text in lines.items():
        if text:
            click.echo(f"{title + ':':9}{text}")
    click.echo(f"\n{click.style('Runs', bold=True)}")
    show_rows(drill.status.history, _columns(now), empty="  none yet")


def _proof(drill: RestoreDrill, now: datetime) -> str:
    proof = drill.status.last_proven
    if proof is None:
        return "never"
    return f"{proven(drill, now)} ago by {_tried(proof)}, in {times.span(proof.seconds)}"


def _tried(proof: Proof) -> str:
    return Picked(name=proof.snapshot, claims=proof.claims).label


def _columns(now: datetime) -> tuple[Column[Trial], ...]:
    return (
        Column("STARTED", lambda t: instant(t.started)),
        Column("RESULT", lambda t: t.result, colour=colour),
        Column("SNAPSHOT", lambda t: t.snapshot.name if t.snapshot else ""),
        Column("SNAPSHOT AGE", lambda t: times.age(t.snapshot.taken, now) if t.snapshot else ""),
        Column("BOUND AFTER", lambda t: times.span(t.bind_seconds) if t.bound else ""),
        Column("CHECK", lambda t: times.span(t.check_seconds) if t.bound else ""),
        Column("MESSAGE", lambda t: t.message, text=True),
    )
