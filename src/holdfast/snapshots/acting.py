"""What a decision about a group has done: snapshots asked for and deleted, restores and a first claim created.

Each act may be done twice without harm: names are those of slots, deletes carry UID and resourceVersion.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from holdfast.api.resource import (
    CLAIMS,
    CONTENTS,
    GROUP_SNAPSHOTS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    VOLUME_RESTORES,
)
from holdfast.api.storage import GroupSnapshot, Snapshot
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.snapshots import founding
from holdfast.snapshots.taking import (
    marks_of,
    missing_parts,
    scheduled_set,
    scheduled_snapshot,
    scheduled_whole,
)

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.resource import Resource
    from holdfast.api.storage import Marked
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.policy.decisions import Take
    from holdfast.snapshots.cutting import Way
    from holdfast.snapshots.expecting import Expectations
    from holdfast.snapshots.facts import Facts
    from holdfast.snapshots.measuring import GroupMetrics
    from holdfast.snapshots.moments import Moment


class Acts:
    """The acts, and what they let one expect of the caches."""

    def __init__(
        self,
        client: Client,
        recorder: Recorder,
        metrics: GroupMetrics,
        coming: Expectations,
        leaving: Expectations,
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._metrics = metrics
        self._coming = coming
        self._leaving = leaving

    async def request(self, body: dict[str, Any], namespace: str) -> None:
        """A VolumeRestore whose name is recorded."""
        try:
            await self._client.create(VOLUME_RESTORES, body, namespace)
        except errors.AlreadyExists:
            return

    async def found(self, facts: Facts) -> None:
        """The group's own claim, unless the API server knows a snapshot of it."""
        namespace = facts.group.metadata.namespace
        listed = await self._client.list(SNAPSHOTS, namespace, type=Snapshot)
        if any(s.group == facts.group.metadata.name for s in listed.items):
            return
        try:
            await self._client.create(CLAIMS, founding.first_claim(facts), namespace)
        except errors.AlreadyExists:
            return

    async def take(self, facts: Facts, take: Take, way: Way) -> None:
        """The snapshot of a slot, or all of a set; claim by claim also where a group snapshot is refused."""
        group = facts.group
        tiers = [t for t in facts.schedule.tiers if t.id in take.tiers]
        if not facts.is_set:
            await self._create(group, [scheduled_snapshot(group, take.slot, tiers)])
            return
        if way.at_once:
            whole = scheduled_whole(group, facts.takeable, take.slot, tiers, way)
            if await self._ask(group, whole, GROUP_SNAPSHOTS, of=len(facts.takeable)):
                return
        await self._create(group, scheduled_set(group, facts.takeable, take.slot, tiers))

    async def complete(self, group: SnapshotGroup, moment: Moment) -> None:
        """What a set lacks."""
        await self._create(group, missing_parts(group, moment))

    async def mark(self, moment: Moment) -> None:
        """Tell the members of a group snapshot what they belong to."""
        for snapshot in moment.unmarked:
            meta = snapshot.metadata
            with contextlib.suppress(errors.NotFound):
                body = marks_of(moment.whole) if moment.whole else {}
                await self._client.patch(SNAPSHOTS, meta.name, body, meta.namespace)

    async def remove(self, group: SnapshotGroup, moment: Moment) -> None:
        """All snapshots of a moment, or the one that they go with; they stand in the group's status."""
        for each in moment.objects:
            await self._delete(group, each)

    async def _create(self, group: SnapshotGroup, bodies: list[dict[str, Any]]) -> None:
        """Ask for all of them at one moment; one that fails does not keep the others from being asked for."""
        made = await asyncio.gather(*(self._ask(group, body) for body in bodies), return_exceptions=True)
        for answer in made:
            if isinstance(answer, BaseException):
                raise answer

    async def _ask(
        self, group: SnapshotGroup, body: dict[str, Any], resource: Resource = SNAPSHOTS, of: int = 1
    ) -> bool:
        """Whether it exists now; a refusal is told."""
        meta = group.metadata
        try:
            await self._client.create(resource, body, meta.namespace)
        except errors.AlreadyExists:
            return True
        except (errors.Forbidden, errors.Invalid, errors.NotFound) as error:
            regarding = Reference.to(SNAPSHOT_GROUPS, group)
            self._recorder.event(regarding, "Warning", "SnapshotRefused", str(error))
            return False
        self._coming.expect(Key.of(group), body["metadata"]["name"])
        self._metrics.taken.labels(meta.namespace, meta.name).inc(of)
        return True

    async def _delete(self, group: SnapshotGroup, snapshot: Marked) -> None:
        meta = snapshot.metadata
        resource = GROUP_SNAPSHOTS if isinstance(snapshot, GroupSnapshot) else SNAPSHOTS
        if resource is SNAPSHOTS and group.spec.retention.retained_contents == "Delete":
            await self._unretain(snapshot.status.bound_volume_snapshot_content_name)
        try:
            await self._client.delete(
                resource, meta.name, meta.namespace, uid=meta.uid, resource_version=meta.resource_version
            )
        except (errors.NotFound, errors.Conflict):
            return
        self._leaving.expect(Key.of(group), meta.uid)
        self._metrics.retired.labels(meta.namespace, group.metadata.name).inc()

    async def _unretain(self, content: str) -> None:
        """A content on Retain would stay on the storage system for ever."""
        if content:
            try:
                await self._client.patch(CONTENTS, content, {"spec": {"deletionPolicy": "Delete"}})
            except errors.NotFound:
                return
