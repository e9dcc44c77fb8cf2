"""A claim, a group with a schedule, and a restore of it.

`THEN` is in the snapshot that is restored, `NOW` in the volume before. The witness for what became of the bytes is
the storage driver, which keeps a record of all that it was ever asked to delete.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from support.kubelets import kubelet
from support.objects import claim, deployment, group, group_snapshot
from support.places import Place, read_volume

from holdfast.api import keys
from holdfast.api.resource import (
    CLAIMS,
    CONTENTS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    STATEFUL_SETS,
    VOLUME_RESTORES,
    VOLUMES,
)
from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from faults.harness import Stage
    from faults.programs import Program
    from support.objects import Manifest

THEN, NOW = "then", "now"
POINT = 1600000000
NAME = "data"
LONG_AGO = "2020-01-01T00:00:00Z"
FINAL = {"Failed", "Done", "RolledBack"}
LATE = timedelta(seconds=2)
"""How long after a restore has begun a snapshot may still appear that was decided on before."""


@asynccontextmanager
async def played(stage: Stage, *, every: str = "hour", running: bool = False) -> AsyncIterator[Scene]:
    """A claim whose volume holds NOW, a restore point that holds THEN, and a group with a schedule.

    Args:
        stage: where it plays.
        every: of the schedule.
        running: whether an application uses the claim, which restores scale down and bring back.
    """
    scene = Scene(stage, every)
    async with kubelet(stage.client, stage.namespace) if running else nullcontext():
        await scene.set_up(running=running)
        yield scene
    await scene.place.delete(SNAPSHOT_GROUPS, NAME)
    await scene.place.delete(VOLUME_RESTORES, (await scene.restore())["metadata"]["name"])


class Scene:
    """What a test does in a scene, and what it sees there."""

    def __init__(self, stage: Stage, every: str = "hour", name: str = NAME) -> None:
        self.stage, self.name = stage, name
        self.schedule = [{"every": every, "keep": 2}]
        self.place = Place(stage.sandbox, stage.client, stage.namespace)
        self.old: Manifest = {}
        self.new: Manifest = {}

    async def fill(self) -> None:
        """The claim and its restore point."""
        await self.place.create(CLAIMS, claim(self.name))
        await self.stage.until(self._bound, every=0.2)
        await self.place.write_data(THEN, self.name)
        await self.place.create(SNAPSHOTS, group_snapshot(self.name, POINT, self.name))
        await self.stage.until(self._ready, every=0.2)
        await self.place.write_data(NOW, self.name)
        self.old = await self.place.volume(self.name)

    async def set_up(self, *, running: bool) -> None:
        await self.fill()
        if running:
            await self.place.create(
                STATEFUL_SETS, deployment(self.name, claim=self.name, resource=STATEFUL_SETS)
            )
            await self.stage.until(self._running, every=0.2)
        quiesce = {"quiesce": {"mode": "Auto"}} if running else {}
        await self.place.create(
            SNAPSHOT_GROUPS, group(self.name, claim=self.name, schedule=self.schedule, **quiesce)
        )
        await self.stage.until(self._seen, every=0.2)

    async def _bound(self) -> bool:
        return bool((await self.place.get(CLAIMS, self.name))["status"]["phase"] == "Bound")

    async def _ready(self) -> bool:
        snapshot = await self.place.get(SNAPSHOTS, f"{self.name}-{POINT}")
        return bool(snapshot.get("status", {}).get("readyToUse"))

    async def _running(self) -> bool:
        found = await self.place.get(STATEFUL_SETS, self.name)
        ready = found.get("status", {}).get("readyReplicas", 0)
        return bool(found["spec"]["replicas"] == ready == 1)

    async def _seen(self) -> bool:
        return "restore" in (await self.place.get(SNAPSHOT_GROUPS, self.name)).get("status", {})

    # what people do

    async def annotate(self) -> None:
        """Ask for the restore as with Gemini."""
        await self.place.annotate(self.name, restore=str(POINT))

    async def ask(self, **spec: bool) -> None:
        """Change what is wanted of the restore."""
        name = (await self.restore())["metadata"]["name"]
        await self.place.patch(VOLUME_RESTORES, name, {"spec": spec})

    async def let_time_pass(self) -> None:
        """As if the day were over for which the volume that lost is kept."""
        await self.place.client.patch(
            VOLUME_RESTORES,
            (await self.restore())["metadata"]["name"],
            {"status": {"letGoAt": LONG_AGO}},
            self.place.namespace,
            subresource="status",
        )

    async def suspend(self) -> None:
        """Stop the schedule, and see that the operator knows."""
        changed = await self.place.patch(SNAPSHOT_GROUPS, self.name, {"spec": {"suspend": True}})

        async def known() -> bool:
            found = await self.place.get(SNAPSHOT_GROUPS, self.name)
            return bool(found["status"]["observedGeneration"] >= changed["metadata"]["generation"])

        await self.stage.until(known)

    # what they see

    async def restore(self) -> Manifest:
        """The one restore of the claim that there is."""
        listing = await self.place.client.list(VOLUME_RESTORES, self.place.namespace)
        found = [each for each in listing.items if each["spec"]["claimName"] == self.name]
        assert len(found) <= 1, "one annotation, one restore"
        return found[0] if found else {}

    async def reached(self, phase: str) -> Manifest:
        """Wait until the restore is in a phase."""

        async def there() -> bool:
            status = (await self.restore()).get("status", {})
            assert status.get("phase") == phase or status.get("phase") not in FINAL, status
            return bool(status.get("phase") == phase)

        there.__name__ = phase
        await self.stage.until(there, every=0.25)
        return await self.restore()

    async def awake(self) -> None:
        """Whoever was paused is alone again, and has looked at everything since."""
        sleeper, *others = self.stage.programs
        for other in others:
            other.pause()
        await self.looked_at(sleeper)
        await self.suspend()

    async def looked_at(self, program: Program) -> None:
        """A program has looked at everything about the restore."""
        await self._looked_at_restore(program)
        await self._looked_at_restore(program)  # only now the first look is over

    async def _looked_at_restore(self, program: Program) -> None:
        name, start = (await self.restore())["metadata"]["name"], len(self.stage.proxy.calls)
        note = {"metadata": {"annotations": {"example.com/touched": str(start)}}}
        await self.place.patch(VOLUME_RESTORES, name, note)
        reads = Match(client=program.label, verb="get", resource="volumerestores", name=name)

        async def looked() -> bool:
            return any(reads.covers(call) for call in self.stage.proxy.calls[start:])

        await self.stage.until(looked)

    async def claim_uid(self) -> str:
        return str((await self.place.get(CLAIMS, self.name))["metadata"]["uid"])

    async def target_handle(self) -> str:
        """The driver's name of the snapshot that is restored."""
        return str((await self._content(f"{self.name}-{POINT}"))["status"]["snapshotHandle"])

    async def _content(self, snapshot: str) -> Manifest:
        found = await self.place.get(SNAPSHOTS, snapshot)
        return await self.place.get(CONTENTS, found["status"]["boundVolumeSnapshotContentName"])

    def _bytes_of(self, volume: Manifest) -> str:
        assert _handle(volume) not in self._deleted()
        return read_volume(self.place.path(volume))

    def _deleted(self) -> set[str]:
        return {each.handle for each in self.stage.sandbox.faults.deletions()}

    # what has to be true

    async def assert_bound(self, data: str) -> Manifest:
        """The claim has a volume of its own with these bytes, and the reclaim policy there was."""
        found = await self.place.get(CLAIMS, self.name)
        volume = await self.place.volume(self.name)
        assert found["status"]["phase"] == "Bound"
        assert "deletionTimestamp" not in found["metadata"]
        assert volume["spec"]["claimRef"]["uid"] == found["metadata"]["uid"]
        assert self._bytes_of(volume) == data
        assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
        return volume

    async def assert_restored(self) -> None:
        self.new = await self.assert_bound(THEN)
        assert self.new["metadata"]["uid"] != self.old["metadata"]["uid"]
        await self._assert_kept(self.old, NOW)
        await self._assert_unheld()

    async def assert_returned(self) -> None:
        volume = await self.assert_bound(NOW)
        assert volume["metadata"]["uid"] == self.old["metadata"]["uid"]
        if self.new:
            await self._assert_kept(self.new, THEN)
        await self._assert_unheld()

    async def _assert_kept(self, volume: Manifest, data: str) -> None:
        """The volume that lost is safe until its time is over."""
        found = await self.place.get(VOLUMES, volume["metadata"]["name"])
        assert found["metadata"]["uid"] == volume["metadata"]["uid"]
        assert found["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
        assert "deletionTimestamp" not in found["metadata"]
        assert self._bytes_of(volume) == data

    async def _assert_unheld(self) -> None:
        snapshot = await self.place.get(SNAPSHOTS, f"{self.name}-{POINT}")
        assert keys.HOLD not in snapshot["metadata"].get("labels", {})

    async def assert_running(self) -> None:
        """The application is up, as large as it was, and the journal knows."""
        await self.stage.until(self._running, every=0.2)
        (record,) = (await self.restore())["status"]["workloads"]
        assert (record["name"], record["replicas"], record["state"]) == (self.name, 1, "Up")

    async def assert_let_go(self, loser: Manifest, winner: Manifest) -> None:
        """The volume that lost goes; nobody ever wanted to delete the other one."""

        async def gone() -> bool:
            return await self.place.find(VOLUMES, loser["metadata"]["name"]) is None

        await self.stage.until(gone, every=0.25)
        assert _handle(loser) in self._deleted()
        assert _handle(winner) not in self._deleted()

    async def assert_safe(self, restore: Manifest) -> None:
        """The safety snapshot is ready and holds what was there before."""
        name = restore["status"]["safety"]["name"]
        assert (await self.place.get(SNAPSHOTS, name))["status"]["readyToUse"]
        stored = {each.id: each for each in self.stage.sandbox.faults.snapshots()}
        content = await self._content(name)
        assert read_volume(stored[content["status"]["snapshotHandle"]].path / "data") == NOW

    async def assert_frozen(self, restore: Manifest) -> None:
        """The schedule stood still meanwhile."""
        phases = {each["phase"]: _time(each["at"]) for each in restore["status"]["phases"]}
        listing = await self.place.client.list(SNAPSHOTS, self.place.namespace)
        taken = [each["metadata"] for each in listing.items]
        scheduled = [m for m in taken if keys.GEMINI_INTERVALS in m["annotations"]]
        begun = phases["Freeze"] + LATE
        assert not [m for m in scheduled if begun < _time(m["creationTimestamp"]) < phases["Settle"]]


def _handle(volume: Manifest) -> str:
    return str(volume["spec"]["csi"]["volumeHandle"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
