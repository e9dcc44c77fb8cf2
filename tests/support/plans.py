"""The plan of a group from what is in the cluster now, made by the operator's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from holdfast.api.groups import PlannedStep, SnapshotGroup
from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOTS
from holdfast.api.storage import Snapshot
from holdfast.snapshots.facts import Facts
from holdfast.snapshots.reading import read_schedule
from holdfast.snapshots.reporting import planned, seen_schedule

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.kube.client import Client


class Plan(NamedTuple):
    """What a group will do."""

    steps: tuple[PlannedStep, ...]


async def look(client: Client, namespace: str, name: str) -> tuple[SnapshotGroup, tuple[Snapshot, ...]]:
    """A group and its snapshots."""
    group = await client.get(SNAPSHOT_GROUPS, name, namespace, type=SnapshotGroup)
    listed = await client.list(SNAPSHOTS, namespace, type=Snapshot)
    return group, tuple(s for s in listed.items if s.group == name)


def plan(
    group: SnapshotGroup,
    snapshots: tuple[Snapshot, ...],
    now: datetime,
    *,
    changed: dict[str, Any] | None = None,
    count: int = 3,
) -> Plan:
    """The next snapshots and what each retires; with `changed`, a whole object, as if that had been applied now."""
    subject = (
        msgspec.structs.replace(group, spec=msgspec.convert(changed, SnapshotGroup).spec)
        if changed
        else group
    )
    facts = Facts(subject, read_schedule(subject), snapshots, (), (), (), (), "")
    settings = facts.schedule.settings(subject, seen_schedule(facts, now).since)
    return Plan(tuple(planned(facts, settings, now, count)))
