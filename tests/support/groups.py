"""SnapshotGroups as tests look at them: what is said of them, their snapshots, edits; and what a Gemini leaves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

from holdfast.api import keys
from holdfast.api.resource import CONTENTS, EVENTS, SNAPSHOT_GROUPS, SNAPSHOTS
from support import objects
from support.waiting import DEADLINE, until

if TYPE_CHECKING:
    from support.objects import Manifest
    from support.operators import Operator
    from support.places import Place

BACKUPS = "backups"


def tier(every: str, keep: int = 0) -> Manifest:
    return {"every": every, "keep": keep}


def cron(expression: str, zone: str = "", keep: int = 0) -> Manifest:
    return {"cron": expression, "keep": keep} | ({"timeZone": zone} if zone else {})


def condition(group: Manifest, kind: str) -> Manifest:
    """What is said of a group under this heading; empty when nothing is."""
    said = group.get("status", {}).get("conditions", [])
    return next((c for c in said if c["type"] == kind), {})


def is_ready(snapshot: Manifest) -> bool:
    return bool(snapshot.get("status", {}).get("readyToUse")) and not is_leaving(snapshot)


def is_cut(snapshot: Manifest) -> bool:
    return "creationTime" in snapshot.get("status", {})


def is_leaving(snapshot: Manifest) -> bool:
    return "deletionTimestamp" in snapshot["metadata"]


def created(thing: Manifest) -> datetime:
    return datetime.fromisoformat(thing["metadata"]["creationTimestamp"])


def slot(snapshot: Manifest) -> int:
    return int(snapshot["metadata"]["annotations"][keys.GEMINI_TIMESTAMP])


def told(events: list[Manifest]) -> int:
    """How often something was said, repetitions included."""
    return sum(int(event.get("series", {}).get("count", 1)) for event in events)


def names(snapshots: list[Manifest]) -> list[str]:
    return [s["metadata"]["name"] for s in snapshots]


def by_gemini(group: str, stamp: int | str, *intervals: str, of: str = "data", **metadata: Any) -> Manifest:  # noqa: ANN401
    """A snapshot as Gemini makes it: annotations only."""
    notes = {
        keys.GEMINI_MANAGED_BY: keys.GEMINI_MANAGER,
        keys.GEMINI_GROUP: group,
        keys.GEMINI_TIMESTAMP: str(stamp),
        keys.GEMINI_INTERVALS: ", ".join(intervals),
    }
    given = metadata.pop("annotations", {})
    return objects.snapshot(f"{group}-{stamp}", of, annotations=notes | given, **metadata)


class Groups:
    """The groups of a place. Waits look at one group, `backups` unless another is named."""

    def __init__(self, place: Place) -> None:
        self.place = place

    async def make(self, name: str = BACKUPS, *schedule: Manifest, **spec: Any) -> Manifest:  # noqa: ANN401
        """A group that the operator has seen; the rest as of `objects.group`."""
        return await self.place.group(name, schedule=list(schedule), **spec)

    async def get(self, name: str = BACKUPS) -> Manifest:
        return await self.place.get(SNAPSHOT_GROUPS, name)

    async def said(
        self, kind: str, reason: str, name: str = BACKUPS, *, saying: str = "", deadline: float = DEADLINE
    ) -> Manifest:
        """Wait until a condition has this reason and its message these words; the group as it is then."""

        async def so() -> Manifest:
            group = await self.get(name)
            found = condition(group, kind)
            assert found.get("reason") == reason, group.get("status")
            assert saying in found.get("message", ""), found
            return group

        return await until(so, deadline)

    async def state(self, reason: str, name: str = BACKUPS, **wanted: Any) -> Manifest:  # noqa: ANN401
        """Wait until the answer to "am I safe?" is this word; the rest as of `said`."""
        return await self.said("Covered", reason, name, **wanted)

    async def edit(self, name: str = BACKUPS, **spec: Any) -> Manifest:  # noqa: ANN401
        """Change the spec, and wait until the operator has taken notice."""
        await self.place.patch(SNAPSHOT_GROUPS, name, {"spec": spec})
        return await self.seen(name)

    async def seen(self, name: str = BACKUPS) -> Manifest:
        """Wait until the status is about the present spec."""

        async def observed() -> Manifest:
            group = await self.get(name)
            assert group["status"].get("observedGeneration") == group["metadata"]["generation"], group
            return group

        return await until(observed)

    async def snapshots(self, name: str = BACKUPS) -> list[Manifest]:
        """All that bear the group's annotation, oldest first."""
        listed = await self.place.client.list(SNAPSHOTS, self.place.namespace)
        mine = [
            s for s in listed.items if s["metadata"].get("annotations", {}).get(keys.GEMINI_GROUP) == name
        ]
        return sorted(mine, key=lambda s: str(s["metadata"]["name"]))

    async def ready(
        self, count: int = 1, name: str = BACKUPS, *, deadline: float = DEADLINE
    ) -> list[Manifest]:
        """Wait for that many ready snapshots at least; all ready ones, oldest first."""

        async def enough() -> list[Manifest]:
            found = [s for s in await self.snapshots(name) if is_ready(s)]
            assert len(found) >= count, names(found)
            return found

        return await until(enough, deadline)

    async def newer(self, than: list[Manifest], name: str = BACKUPS) -> list[Manifest]:
        """Wait for a ready snapshot that was not there; all ready ones, oldest first."""
        known = {s["metadata"]["uid"] for s in than}

        async def another() -> list[Manifest]:
            found = [s for s in await self.snapshots(name) if is_ready(s)]
            assert any(s["metadata"]["uid"] not in known for s in found), names(found)
            return found

        return await until(another)

    async def content(self, snapshot: Manifest) -> Manifest | None:
        return await self.place.find(CONTENTS, snapshot["status"]["boundVolumeSnapshotContentName"])

    async def events(self, name: str = BACKUPS) -> list[Manifest]:
        listed = await self.place.client.list(EVENTS, self.place.namespace)
        return [e for e in listed.items if e.get("regarding", {}).get("name") == name]

    async def metrics(self, operator: Operator, name: str = BACKUPS) -> dict[str, float]:
        """What an operator's metrics say of the group, by their names without the prefix."""
        labels = {"namespace": self.place.namespace, "group": name}
        return {
            sample.name.removeprefix("holdfast_group_"): sample.value
            for family in text_string_to_metric_families(await operator.metrics())
            for sample in family.samples
            if sample.name.startswith("holdfast_group_") and sample.labels == labels
        }

    async def event(self, reason: str, name: str = BACKUPS) -> Manifest:
        """Wait for an Event about the group."""

        async def told() -> Manifest | None:
            return next((e for e in await self.events(name) if e["reason"] == reason), None)

        return await until(told)
