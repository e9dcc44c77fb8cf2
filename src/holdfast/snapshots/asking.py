"""What people ask of a group from the command line: its plan, a snapshot now, a restore, another claim.

Reads with quorum, since the answer is acted upon; the operator does the rest.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api import keys
from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES
from holdfast.api.restores import RestoreSpec, VolumeRestore
from holdfast.api.storage import Snapshot
from holdfast.policy import points
from holdfast.policy.exchange import EXCLUSIVE, FINAL
from holdfast.snapshots.facts import Facts
from holdfast.snapshots.reading import read_schedule, read_shot
from holdfast.snapshots.reporting import planned, seen_schedule
from holdfast.snapshots.requesting import volume_restore
from holdfast.snapshots.taking import manual_snapshot

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.groups import PlannedStep
    from holdfast.kube.client import Client
    from holdfast.policy.schedules import Problem


@dataclass(frozen=True, slots=True)
class Plan:
    """What a group will do, and what of its schedule cannot be followed."""

    steps: tuple[PlannedStep, ...]
    problems: tuple[Problem, ...]


async def look(client: Client, namespace: str, name: str) -> tuple[SnapshotGroup, tuple[Snapshot, ...]]:
    """A group and its snapshots.

    Raises:
        holdfast.kube.errors.NotFound: there is no such group.
    """
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
    subject = _edited(group, changed) if changed else group
    facts = Facts(subject, read_schedule(subject), snapshots, None, (), (), (), "")
    settings = facts.schedule.settings(subject, seen_schedule(facts, now).since)
    return Plan(tuple(planned(facts, settings, now, count)), facts.schedule.problems)


def _edited(group: SnapshotGroup, changed: dict[str, Any]) -> SnapshotGroup:
    wanted = msgspec.convert(changed | {"metadata": {"name": group.metadata.name}}, SnapshotGroup)
    return msgspec.structs.replace(group, spec=wanted.spec)


async def take_now(client: Client, group: SnapshotGroup, now: datetime) -> dict[str, Any]:
    """A snapshot outside the schedule, named and restorable like the others."""
    body = manual_snapshot(group, now)
    return await client.create(SNAPSHOTS, body, group.metadata.namespace)


def restore_spec(
    group: SnapshotGroup,
    snapshots: tuple[Snapshot, ...],
    point: str,
    now: datetime,
    *,
    keep_old_volume_for: str = "",
    skip_safety_snapshot: bool = False,
) -> RestoreSpec:
    """The request for a restore to a point in a person's words.

    Raises:
        holdfast.policy.errors.PointError: no snapshot fits; the message names those that can be restored.
    """
    shot = points.choose(point, [read_shot(s) for s in snapshots], group.metadata.name, now)
    return RestoreSpec(
        claim_name=group.claim_name,
        snapshot_name=shot.name,
        group=group.metadata.name,
        point=shot.name.removeprefix(f"{group.metadata.name}-"),
        keep_old_volume_for=keep_old_volume_for,
        skip_safety_snapshot=skip_safety_snapshot,
    )


async def request_restore(client: Client, group: SnapshotGroup, spec: RestoreSpec) -> VolumeRestore:
    """Ask for the restore; the operator carries it out."""
    name = f"{group.metadata.name[:200]}-restore-{secrets.token_hex(4)}"
    body = volume_restore(group, name, spec.point)
    body["spec"] = msgspec.to_builtins(spec)
    return await client.create(VOLUME_RESTORES, body, group.metadata.namespace, type=VolumeRestore)


async def running_restore(client: Client, namespace: str, group: str) -> VolumeRestore | None:
    """The group's newest restore that has not ended, a settling one included."""
    listed = await client.list(VOLUME_RESTORES, namespace, type=VolumeRestore)
    mine = [r for r in listed.items if r.spec.group == group and r.status.phase not in FINAL]
    at_work = [r for r in mine if r.status.phase in EXCLUSIVE or not r.status.phase]
    return max(at_work or mine, key=lambda r: str(r.metadata.creation_timestamp), default=None)


async def adopt(client: Client, group: SnapshotGroup, *, dry_run: bool = False) -> bool:
    """Take Gemini's field ownership away, so that server-side apply shows no conflict with a program that is gone.

    Returns:
        Whether there was anything to take away.
    """
    raw = await client.get(SNAPSHOT_GROUPS, group.metadata.name, group.metadata.namespace)
    entries = raw["metadata"].get("managedFields", [])
    kept = [e for e in entries if e.get("manager") != keys.GEMINI_MANAGER]
    if kept == entries:
        return False
    patch = {
        "metadata": {"resourceVersion": raw["metadata"]["resourceVersion"], "managedFields": kept or [{}]}
    }
    await client.patch(SNAPSHOT_GROUPS, group.metadata.name, patch, group.metadata.namespace, dry_run=dry_run)
    return True
