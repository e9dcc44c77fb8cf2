"""The table of groups: is my data safe?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click
import msgspec

from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import SNAPSHOT_GROUPS
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.groups.conditions import condition
from holdfast.cli.listings import Column, show_objects, show_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from holdfast.cli.options import Target

_CALM = {
    "Safe": "green",
    "FirstSnapshotDue": "cyan",
    "Paused": "yellow",
    "Restoring": "yellow",
    "Late": "yellow",
}
_ALARM = "red"
_GRACE = timedelta(minutes=2)
"""So long a snapshot may take to be cut and reported."""


def status(group: SnapshotGroup, now: datetime) -> str:
    """In one word: `Safe`, or what keeps it from being so."""
    said = condition(group, "Covered")
    if said is None:
        return "Unknown"
    return "Unconfirmed" if said.status == "True" and _silent(group, now) else said.reason


def reason(group: SnapshotGroup, now: datetime) -> str:
    """Why it is not safe, with the remedy; nothing for one that is."""
    said = condition(group, "Covered")
    if said is None:
        return "the operator has not looked at it yet; `holdfast doctor` tells whether it runs"
    if said.status == "True" and _silent(group, now):
        late = times.until(group.status.next_due, now)
        return (
            f"a snapshot was due {late} and is not ready; `holdfast doctor` tells whether the operator runs"
        )
    return "" if said.status == "True" else said.message


def _silent(group: SnapshotGroup, now: datetime) -> bool:
    """Whether the operator last spoke before the present snapshot was due: what it said then may be over."""
    due = group.status.next_due
    return due is not None and now - due > _GRACE


def tiers(group: SnapshotGroup) -> str:
    """Each tier with how many ready snapshots it has."""
    return ", ".join(f"{t.tier}: {t.ready}" for t in group.status.tiers)


def _restore(group: SnapshotGroup) -> str:
    seen = group.status.restore
    return f"{seen.phase} ({seen.point})" if seen and seen.phase else ""


def claims(group: SnapshotGroup) -> str:
    """What it is for, in a word: a claim, or where its claims come from."""
    wanted = group.spec.persistent_volume_claim
    source = f"statefulset/{wanted.stateful_set}" if wanted.stateful_set else "(by label)"
    return group.claim_name or source


def newest_set(group: SnapshotGroup) -> str:
    """How many claims the newest ready set has, and how far apart they were cut; nothing for a group of one."""
    seen = group.status.newest_set
    return f"{len(seen.claims)} claims within {seen.spread}s" if seen else ""


def colour(word: str) -> str:
    """The colour of a status."""
    return _CALM.get(word, _ALARM)


def columns(now: datetime, *, namespaced: bool = False) -> tuple[Column[SnapshotGroup], ...]:
    place = (Column[SnapshotGroup]("NAMESPACE", lambda g: g.metadata.namespace),) if namespaced else ()
    return (
        *place,
        Column("NAME", lambda g: g.metadata.name),
        Column("CLAIM", claims),
        Column("READY", lambda g: str(g.status.ready)),
        Column("LAST READY", lambda g: times.age(g.status.newest_ready, now)),
        Column("NEXT", lambda g: times.until(g.status.next_due, now)),
        Column("STATUS", lambda g: status(g, now), colour=colour),
        Column("OLDEST", lambda g: times.age(g.status.oldest_ready, now), wide=True),
        Column("NEWEST SET", newest_set, wide=True),
        Column("TIERS", tiers, wide=True),
        Column("RESTORE", _restore, wide=True),
        Column("AGE", lambda g: times.age(g.metadata.creation_timestamp, now), wide=True),
        Column("REASON", lambda g: reason(g, now), wide=True, text=True),
    )


async def show(target: Target, *, all_namespaces: bool, output: str) -> None:
    """List groups."""
    async with connect(target) as cluster:
        namespace = None if all_namespaces else cluster.namespace
        objects = (await cluster.client.list(SNAPSHOT_GROUPS, namespace)).items
    if output not in {"table", "wide"}:
        show_objects(objects, output, SNAPSHOT_GROUPS)
        return
    rows = [msgspec.convert(item, SnapshotGroup) for item in objects]
    empty = "No groups." if all_namespaces else f"No groups in namespace {namespace}."
    now = times.now()
    show_rows(rows, columns(now, namespaced=all_namespaces), wide=output == "wide", empty=empty)
    if output == "table":
        _explain(rows, now)


def _explain(groups: Iterable[SnapshotGroup], now: datetime) -> None:
    """A line for each group that is not safe, beside the table so that the table stays narrow."""
    for group in groups:
        if why := reason(group, now):
            click.echo(f"{click.style(group.metadata.name, bold=True)}: {why}", err=True)
