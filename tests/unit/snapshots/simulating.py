"""A group whose operator only obeys decisions, and whose driver is perfect: all objects are the real ones, in memory.

Its operator's clock may be wrong by `skew`; the API server's and the storage's never are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.groups import SnapshotGroup
from holdfast.api.storage import Snapshot
from holdfast.policy.planning import decide
from holdfast.snapshots.facts import Facts
from holdfast.snapshots.judging import obstacle
from holdfast.snapshots.reading import read_schedule
from holdfast.snapshots.reporting import report, seen_schedule
from holdfast.snapshots.requesting import observe
from holdfast.snapshots.taking import scheduled_snapshot
from holdfast.snapshots.views import ClaimGlance

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.api.meta import Condition
    from holdfast.policy.decisions import Decision

START = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
CLAIM = msgspec.convert(
    {"metadata": {"name": "data", "namespace": "shop", "uid": "claim"}, "status": {"phase": "Bound"}},
    ClaimGlance,
)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def group_of(*schedule: dict[str, Any], claim: str = "data", **fields: Any) -> SnapshotGroup:  # noqa: ANN401
    """A group as the API server has it; `fields` are of the spec, `metadata` is merged."""
    metadata = {"name": "backups", "namespace": "shop", "uid": "uid-47595", "generation": 1}
    metadata |= {"creationTimestamp": stamp(START), "resourceVersion": "1"} | fields.pop("metadata", {})
    status = fields.pop("status", {})
    spec = {"persistentVolumeClaim": {"claimName": claim}, "schedule": list(schedule)} | fields
    return msgspec.convert({"metadata": metadata, "spec": spec, "status": status}, SnapshotGroup)


def snapshot_of(
    name: str,
    *,
    annotations: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    created: datetime = START,
    ready: bool = True,
    error: str = "",
    of: str = "data",
) -> Snapshot:
    """A snapshot as the API server has it."""
    metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "creationTimestamp": stamp(created)}
    marks = {"annotations": annotations or {}, "labels": labels or {}}
    status: dict[str, Any] = {"readyToUse": ready} | ({"creationTime": stamp(created)} if ready else {})
    status |= {"error": {"message": error}} if error else {}
    spec = {"source": {"persistentVolumeClaimName": of}}
    return msgspec.convert({"metadata": metadata | marks, "spec": spec, "status": status}, Snapshot)


@dataclass
class Simulation:
    """One group over time."""

    group: SnapshotGroup
    time: datetime = START
    skew: timedelta = timedelta()
    snapshots: list[Snapshot] = field(default_factory=list)
    removed: list[Snapshot] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        return Facts(self.group, read_schedule(self.group), tuple(self.snapshots), (CLAIM,), (), (), (), "")

    def step(self) -> Decision:
        """One pass of the operator: report, take, get ready, retire."""
        now, facts = self.time + self.skew, self.facts
        decision = self._decide(facts, now)
        stop = obstacle(facts)
        restore = observe(self.group, now, rival=False)
        status = report(facts, decision, stop, restore, now)
        self.group = msgspec.structs.replace(self.group, status=status)
        if decision.take:
            self._take(decision)
        gone = {r.shot.uid for r in (*decision.retire, *decision.failed)}
        self.removed += [s for s in self.snapshots if s.metadata.uid in gone]
        self.snapshots = [s for s in self.snapshots if s.metadata.uid not in gone]
        return decision

    def run(self, length: timedelta, every: timedelta, watch: Callable[[], None] = lambda: None) -> None:
        """Let time pass, with a pass of the operator at each step."""
        end = self.time + length
        while self.time < end:
            self.time += every
            self.step()
            watch()

    def condition(self, kind: str) -> Condition:
        return next(c for c in self.group.status.conditions if c.type == kind)

    def _decide(self, facts: Facts, now: datetime) -> Decision:
        settings = facts.schedule.settings(self.group, seen_schedule(facts, now).since)
        return decide(facts.schedule.tiers, facts.shots, settings, now)

    def _take(self, decision: Decision) -> None:
        assert decision.take
        tiers = [t for t in self.facts.schedule.tiers if t.id in decision.take.tiers]
        body = scheduled_snapshot(self.group, decision.take.slot, tiers)
        names = {s.metadata.name for s in self.snapshots}
        if body["metadata"]["name"] in names:
            return
        taken = snapshot_of(
            body["metadata"]["name"],
            annotations=body["metadata"]["annotations"],
            labels=body["metadata"]["labels"],
            created=self.time,
        )
        self.snapshots.append(taken)
