"""What a group will take and delete next, by the operator's own decisions; also for a changed schedule.

And what a restore would stop, if it came now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import msgspec

from holdfast.api.groups import GroupSpec
from holdfast.cli import listings, times
from holdfast.cli.connecting import connect
from holdfast.cli.errors import RefusedError
from holdfast.cli.groups import finding, stopping
from holdfast.cli.listings import Column, show_rows
from holdfast.policy.planning import decide, forecast
from holdfast.policy.texts import instant
from holdfast.snapshots.judging import obstacle
from holdfast.snapshots.reporting import seen_schedule
from holdfast.snapshots.taking import slot_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from holdfast.cli.options import Target
    from holdfast.policy.decisions import Removal
    from holdfast.snapshots.facts import Facts


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that will be done to one snapshot."""

    at: datetime
    does: str
    snapshot: str
    why: str


async def plan(target: Target, name: str, *, file: Path | None, count: int, output: str) -> None:
    """Print the next acts, the present ones first."""
    async with connect(target) as cluster:
        group = await finding.group(cluster, name)
        if file is not None:
            group = msgspec.structs.replace(group, spec=read_spec(file, name))
        facts = await finding.facts(cluster, group)
        claims = {claim.metadata.name for claim in facts.claims} or {group.claim_name} - {""}
        stops = await stopping.stopping(cluster, claims, group.spec.quiesce)
    now = times.now()
    planned = list(acts(facts, now, count))
    if output == "table":
        show(facts, planned, now)
        stopping.show(stops)
    else:
        rows = [{"at": instant(a.at), "does": a.does, "snapshot": a.snapshot, "why": a.why} for a in planned]
        plan = {"acts": rows, "notes": list(notes(facts)), "quiesce": stopping.document(stops)}
        listings.show_document(plan, output)


def read_spec(file: Path, name: str) -> GroupSpec:
    """The spec of a SnapshotGroup in a YAML file that may have others, too.

    Raises:
        RefusedError: it has none of that name, or what it has cannot be read.
    """
    import yaml

    try:
        documents = [d for d in yaml.safe_load_all(file.read_text()) if isinstance(d, dict)]
        found = [d for d in documents if d.get("kind") == "SnapshotGroup" and _name(d) == name]
        if not found:
            raise RefusedError(f"{file} has no SnapshotGroup {name}", remedy="Name the group that it has.")
        return msgspec.convert(found[0].get("spec") or {}, GroupSpec)
    except (yaml.YAMLError, msgspec.ValidationError, OSError) as error:
        raise RefusedError(f"{file} cannot be read as a SnapshotGroup: {error}") from error


def _name(document: dict[str, Any]) -> str:
    return str(document.get("metadata", {}).get("name", ""))


def acts(facts: Facts, now: datetime, count: int) -> Iterator[Act]:
    """What is done now, then what the next `count` snapshots bring."""
    settings = facts.schedule.settings(facts.group, seen_schedule(facts, now).since)
    tiers, group = facts.schedule.tiers, facts.group.metadata.name
    names = {tier.id: tier.text for tier in tiers}
    decision = decide(tiers, facts.shots, settings, now)
    yield from (_goes(removal, now) for removal in (*decision.retire, *decision.failed))
    for step in forecast(tiers, facts.shots, settings, now, count=count, group=group):
        wanted = ", ".join(sorted(names.get(tier, tier) for tier in step.tiers))
        does = "gets ready" if step.pending else "take"
        yield Act(step.at, does, step.pending or slot_name(group, step.slot), f"for {wanted}")
        yield from (_goes(removal, step.at) for removal in step.retires)


def _goes(removal: Removal, at: datetime) -> Act:
    return Act(at, "delete", removal.shot.name, removal.rule)


def notes(facts: Facts) -> Iterator[str]:
    """What keeps the plan from being carried out, and what of the schedule is not followed."""
    if facts.group.spec.suspend:
        yield f"group {facts.group.metadata.name} is paused: nothing is taken or deleted until it is resumed"
    if stop := obstacle(facts):
        yield stop.message
    yield from map(str, facts.schedule.problems)


def show(facts: Facts, planned: list[Act], now: datetime) -> None:
    """Print the plan as a table, what keeps it from being carried out first."""
    for note in notes(facts):
        click.echo(f"{click.style('Note:', fg='yellow', bold=True)} {note}", err=True)
    columns = (
        Column[Act]("WHEN", lambda act: times.until(act.at, now)),
        Column[Act]("AT", lambda act: instant(act.at)),
        Column[Act]("DOES", lambda act: act.does, colour=_COLOURS.get),
        Column[Act]("SNAPSHOT", lambda act: act.snapshot),
        Column[Act]("WHY", lambda act: act.why, text=True),
    )
    show_rows(planned, columns, empty="Nothing will be taken or deleted.")


_COLOURS = {"take": "green", "delete": "red"}
