"""Taking a group over from Gemini: what will change, and on request Gemini's ownership of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from holdfast.api import keys
from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import SNAPSHOT_GROUPS
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.errors import RefusedError
from holdfast.cli.groups import finding, planning
from holdfast.kube.client import PatchKind
from holdfast.policy.intervals import is_gemini
from holdfast.snapshots.members import described
from holdfast.snapshots.reading import stamp_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target
    from holdfast.snapshots.facts import Facts

_AHEAD = 3
"""So many coming snapshots are shown."""


async def adopt(target: Target, name: str, *, take_ownership: bool) -> None:
    """Show what Holdfast finds and will do; with `take_ownership` end Gemini's ownership of fields.

    Raises:
        RefusedError: Gemini is alive, or the claim is missing: without it Gemini's traces are still needed.
    """
    async with connect(target) as cluster:
        raw = await finding.raw_group(cluster, name)
        facts = await finding.facts(cluster, msgspec.convert(raw, SnapshotGroup))
        for line in findings(facts, raw):
            click.echo(line)
        click.echo("\nWhat comes next:")
        planning.show(facts, list(planning.acts(facts, times.now(), _AHEAD)), times.now())
        if take_ownership:
            _check(facts)
            await _take(cluster, raw)


def findings(facts: Facts, raw: dict[str, Any]) -> Iterator[str]:
    """What there is of Gemini's, and what Holdfast makes of it."""
    ready = sum(shot.ready for shot in facts.shots)
    yield f"{len(facts.shots)} snapshots belong to the group, {ready} of them ready; they are kept by its tiers"
    yield from (problem for problem in map(stamp_problem, facts.snapshots) if problem)
    for tier in facts.schedule.tiers:
        if not is_gemini(tier.text):
            yield f"tier {tier.text!r} is one that Gemini cannot read: it would stop at it"
    yield from map(str, facts.schedule.problems)
    if point := facts.group.metadata.annotations.get(keys.GEMINI_RESTORE):
        seen = facts.group.status.restore
        known = "is recorded and not executed" if seen is None or seen.observed == point else "is executed"
        yield f"restore annotation {point!r} {known}; change it to ask for a restore"
    if facts.sharers:
        yield f"{described(facts.group)}: other groups are for that, too: {', '.join(facts.sharers)}"
    fields = sum(entry.get("manager") == keys.GEMINI_MANAGER for entry in _managed(raw))
    if fields:
        yield "Gemini owns fields of the group; --take-ownership ends that, the fields stay as they are"
    yield f"Gemini is alive: {facts.rival}" if facts.rival else "no live Gemini was seen"


def _check(facts: Facts) -> None:
    name = facts.group.metadata.name
    if facts.rival:
        raise RefusedError(
            f"Gemini is alive ({facts.rival}); it would take its fields back",
            remedy="Scale its Deployment to 0 and wait 90 seconds.",
        )
    if not facts.claims:
        raise RefusedError(
            f"{described(facts.group)} of group {name} does not exist",
            remedy="Restore or create it first: an empty claim must not be made in its place.",
        )


async def _take(cluster: Cluster, raw: dict[str, Any]) -> None:
    """Remove Gemini's entries of managedFields, if nobody has written meanwhile."""
    kept = [entry for entry in _managed(raw) if entry.get("manager") != keys.GEMINI_MANAGER]
    name = raw["metadata"]["name"]
    if len(kept) == len(_managed(raw)):
        click.echo(f"\nGemini owns no fields of group {name}.")
        return
    patch = [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": raw["metadata"]["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": kept or [{}]},
    ]
    await cluster.client.patch(SNAPSHOT_GROUPS, name, patch, cluster.namespace, kind=PatchKind.JSON)
    click.echo(f"\nGemini no longer owns fields of group {name}.")


def _managed(raw: dict[str, Any]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = raw["metadata"].get("managedFields", [])
    return entries
