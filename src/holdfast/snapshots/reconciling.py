"""One SnapshotGroup: what its schedule, its retention and its restore annotation ask for.

Reads the caches, asks `policy` for a decision, and carries it out: records first, then takes, then retires. What is
deleted is decided anew on a quorum list and written into the status before the first delete.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from holdfast.api import keys
from holdfast.api.meta import builtins
from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOTS
from holdfast.api.storage import Snapshot
from holdfast.control.controlling import Result
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.kube.client import PatchKind
from holdfast.policy.decisions import Taken
from holdfast.policy.planning import decide
from holdfast.policy.points import PointError, choose
from holdfast.policy.sets import can_be_completed
from holdfast.snapshots import founding, requesting
from holdfast.snapshots.acting import Acts
from holdfast.snapshots.cutting import way
from holdfast.snapshots.expecting import Expectations
from holdfast.snapshots.facts import Facts, gather
from holdfast.snapshots.finding import group_snapshots, own
from holdfast.snapshots.judging import obstacle
from holdfast.snapshots.reporting import planned, report, retiring, seen_schedule, worth_writing
from holdfast.snapshots.taking import group_label

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.groups import GroupStatus, RestoreSeen, SnapshotGroup
    from holdfast.control.clocks import Clock
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.policy.decisions import Decision, Removal, Settings
    from holdfast.snapshots.facts import Caches
    from holdfast.snapshots.measuring import GroupMetrics
    from holdfast.snapshots.moments import Moment
    from holdfast.snapshots.rivals import Rivals
    from holdfast.snapshots.verdicts import Verdict

PATIENCE = timedelta(seconds=30)
"""How long a watch event may be late before something is tried again."""
RECHECK = 30.0
"""Seconds until something that is overdue and cannot be done is looked at again."""
OFTEN_ENOUGH = 300.0
"""Seconds after which a group is looked at in any case: timers do not know of clocks that are set."""


class Judged(NamedTuple):
    """The facts about a group and what follows from them."""

    facts: Facts
    settings: Settings
    decision: Decision
    stop: Verdict | None

    completable: tuple[Moment, ...] = ()
    """Sets that lack a part which can be taken still."""

    @property
    def removals(self) -> tuple[Removal, ...]:
        return (*self.decision.retire, *self.decision.failed)


class GroupReconciler:
    """Drives SnapshotGroups."""

    def __init__(
        self,
        client: Client,
        caches: Caches,
        rivals: Rivals,
        clock: Clock,
        recorder: Recorder,
        metrics: GroupMetrics,
    ) -> None:
        self._client = client
        self._caches = caches
        self._rivals = rivals
        self._clock = clock
        self._recorder = recorder
        self._metrics = metrics
        self._coming = Expectations(clock, PATIENCE)
        self._leaving = Expectations(clock, PATIENCE)
        self._taken: dict[Key, Taken] = {}
        self._acts = Acts(client, recorder, metrics, self._coming, self._leaving)

    async def reconcile(self, key: Key) -> Result:
        group = self._caches.groups.cache.get(key)
        if group is None or group.metadata.deletion_timestamp:
            self._forget(key)
            return Result()
        now = self._clock.now()
        facts = gather(self._caches, self._rivals, group, self._leaving.of(key))
        self._coming.fulfil(key, (s.metadata.name for s in (*facts.snapshots, *facts.wholes)))
        judged = self._judge(facts, now)
        judged = await self._proven(judged, now)
        restore = self._restore_seen(judged.facts, now)
        restore, requests = await self._requests(judged.facts, restore, now)
        status = report(judged.facts, judged.decision, judged.stop, restore, now)
        self._metrics.show(key, status, judged.decision)
        await self._record(judged, status, now)
        await self._act(judged, requests, now)
        return Result(after=self._again(judged, now))

    def _forget(self, key: Key) -> None:
        self._metrics.forget(key)
        self._coming.forget(key)
        self._leaving.forget(key)
        self._taken.pop(key, None)

    def _judge(self, facts: Facts, now: datetime) -> Judged:
        seen = facts.schedule.settings(facts.group, seen_schedule(facts, now).since)
        settings = replace(seen, taken=self._taken.get(Key.of(facts.group)))
        decision = decide(facts.schedule.tiers, facts.shots, settings, now)
        stop = obstacle(facts)
        waits = bool(stop or self._coming.of(Key.of(facts.group)))
        if waits:
            decision = replace(decision, take=None)
        if facts.rival or facts.frozen_by:
            decision = replace(decision, retire=(), failed=())
        completable = () if waits or settings.suspended else _completable(facts, now)
        return Judged(facts, settings, decision, stop, completable)

    async def _proven(self, judged: Judged, now: datetime) -> Judged:
        """Before anything is deleted, the same decision on a quorum list: caches are late by nature."""
        if not judged.removals:
            return judged
        return self._judge(await self._looked_up(judged.facts), now)

    async def _looked_up(self, facts: Facts) -> Facts:
        """The facts with the group's snapshots as the API server has them now."""
        meta = facts.group.metadata
        label = group_label(meta.name)
        wholes = await group_snapshots(self._client, facts.group) if facts.is_set or facts.wholes else ()
        labelled = all(s.metadata.labels.get(keys.GROUP) == label for s in facts.snapshots)
        labels = f"{keys.GROUP}={label}" if labelled and not wholes else ""
        listed = await self._client.list(SNAPSHOTS, meta.namespace, labels=labels, type=Snapshot)
        mine = tuple(own(listed.items, facts.group, wholes))
        return replace(facts, snapshots=mine, wholes=wholes, leaving=frozenset())

    def _restore_seen(self, facts: Facts, now: datetime) -> RestoreSeen:
        rival = bool(facts.rival) or requesting.executed_elsewhere(facts.group, facts.claim)
        seen = requesting.observe(facts.group, now, rival=rival)
        return requesting.mirror(seen, facts.own_restores, now)

    async def _requests(
        self, facts: Facts, restore: RestoreSeen, now: datetime
    ) -> tuple[RestoreSeen, list[dict[str, Any]]]:
        """What is to be created for the annotation; of a set only what was found once and for all."""
        group = facts.group
        if restore.phase != requesting.CREATING:
            return restore, []
        if not facts.is_set:
            return restore, [requesting.volume_restore(group, restore.name, restore.point)]
        moments = (await self._looked_up(facts)).moments
        try:
            shot = choose(restore.point, [m.shot for m in moments], group.metadata.name, now)
        except PointError as error:
            return requesting.refused(restore, str(error), now), []
        moment = next(m for m in moments if m.shot == shot)
        snapshots = requesting.snapshots_for(group, moment)
        bodies = requesting.volume_restores(group, restore.name, shot.name, snapshots)
        return requesting.settled_on(restore, group, moment), bodies

    async def _record(self, judged: Judged, status: GroupStatus, now: datetime) -> None:
        old = judged.facts.group.status
        known = {r.uid for r in old.retiring}
        doomed = {each.uid for r in judged.removals for each in retiring(judged.facts, r)}
        if not worth_writing(old, status) and doomed <= known:
            return
        status = msgspec.structs.replace(status, plan=planned(judged.facts, judged.settings, now))
        meta = judged.facts.group.metadata
        patch = [
            {"op": "replace", "path": "/metadata/resourceVersion", "value": meta.resource_version},
            {"op": "add", "path": "/status", "value": builtins(status)},
        ]
        await self._client.patch(
            SNAPSHOT_GROUPS, meta.name, patch, meta.namespace, kind=PatchKind.JSON, subresource="status"
        )
        self._tell(judged.facts.group, old, status)

    def _tell(self, group: SnapshotGroup, old: GroupStatus, new: GroupStatus) -> None:
        regarding = Reference.to(SNAPSHOT_GROUPS, group)
        reasons = {c.type: c.reason for c in old.conditions}
        for c in new.conditions:
            if c.type in {"Covered", "Accepted"} and c.reason != reasons.get(c.type) and c.message:
                self._recorder.event(
                    regarding, "Normal" if c.status == "True" else "Warning", c.reason, c.message
                )
        if new.restore and new.restore.message and new.restore != old.restore:
            self._recorder.event(regarding, "Warning", "RestoreRefused", new.restore.message)
        if new.missed > old.missed:
            note = f"{new.missed - old.missed} runs were passed over; one snapshot stands for them"
            self._recorder.event(regarding, "Warning", "MissedRuns", note)

    async def _act(self, judged: Judged, requests: list[dict[str, Any]], now: datetime) -> None:
        facts, group = judged.facts, judged.facts.group
        if facts.rival:
            return
        for body in requests:
            await self._acts.request(body, group.metadata.namespace)
        if founding.wants_claim(facts):
            await self._acts.found(facts)
        if take := judged.decision.take:
            self._taken[Key.of(group)] = Taken(take.slot, now)
            await self._acts.take(facts, take, way(facts, judged.decision.failed, now))
        for moment in facts.moments:
            await self._acts.mark(moment)
        for moment in judged.completable:
            await self._acts.complete(group, moment)
        for removal in judged.removals:
            await self._acts.remove(group, facts.moment(removal.shot))

    def _again(self, judged: Judged, now: datetime) -> float | None:
        if judged.facts.rival:
            return self._rivals.silent_in() + 0.1
        at = judged.decision.look_again
        left = max(0.0, (at - now).total_seconds()) if at else None
        return min(OFTEN_ENOUGH, left or RECHECK) if left is not None else None


def _completable(facts: Facts, now: datetime) -> tuple[Moment, ...]:
    """Sets that lack only what can be taken now."""
    there = frozenset(facts.takeable)
    apart = (m for m in facts.moments if m.whole is None and can_be_completed(m.shot, now))
    return tuple(m for m in apart if there.issuperset(m.shot.lacks))
