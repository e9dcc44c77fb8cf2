"""What a decision about a group has done: snapshots asked for and deleted, restores and a first claim created.

Each act may be done twice without harm: names are those of slots, deletes carry UID and resourceVersion.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast.api.resource import CLAIMS, CONTENTS, SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES
from holdfast.api.storage import Snapshot
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.snapshots import founding
from holdfast.snapshots.taking import missing_parts, scheduled_set, scheduled_snapshot

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.policy.decisions import Take
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

    async def take(self, facts: Facts, take: Take) -> None:
        """The snapshot of a slot, or all of a set."""
        group = facts.group
        tiers = [t for t in facts.schedule.tiers if t.id in take.tiers]
        if facts.is_set:
            await self._create(group, scheduled_set(group, facts.takeable, take.slot, tiers))
        else:
            await self._create(group, [scheduled_snapshot(group, take.slot, tiers)])

    async def complete(self, group: SnapshotGroup, moment: Moment) -> None:
        """What a set lacks."""
        await self._create(group, missing_parts(group, moment))

    async def remove(self, group: SnapshotGroup, moment: Moment) -> None:
        """All snapshots of a moment; they stand in the group's status."""
        for snapshot in moment.snapshots:
            await self._delete(group, snapshot)

    async def _create(self, group: SnapshotGroup, bodies: list[dict[str, Any]]) -> None:
        """Ask for all of them at one moment; one that fails does not keep the others from being asked for."""
        made = await asyncio.gather(*(self._ask(group, body) for body in bodies), return_exceptions=True)
        for error in made:
            if error is not None:
                raise error

    async def _ask(self, group: SnapshotGroup, body: dict[str, Any]) -> None:
        meta = group.metadata
        try:
            await self._client.create(SNAPSHOTS, body, meta.namespace)
        except errors.AlreadyExists:
            return
        except (errors.Forbidden, errors.Invalid) as error:
            regarding = Reference.to(SNAPSHOT_GROUPS, group)
            self._recorder.event(regarding, "Warning", "SnapshotRefused", str(error))
            return
        self._coming.expect(Key.of(group), body["metadata"]["name"])
        self._metrics.taken.labels(meta.namespace, meta.name).inc()

    async def _delete(self, group: SnapshotGroup, snapshot: Snapshot) -> None:
        meta = snapshot.metadata
        if group.spec.retention.retained_contents == "Delete":
            await self._unretain(snapshot.status.bound_volume_snapshot_content_name)
        try:
            await self._client.delete(
                SNAPSHOTS, meta.name, meta.namespace, uid=meta.uid, resource_version=meta.resource_version
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
