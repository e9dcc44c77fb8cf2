"""Scheduled snapshots of one claim: some that are there already, one that falls due, and those that go for it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from support.objects import claim, group, snapshot
from support.places import Place

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, SNAPSHOT_GROUPS, SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from faults.harness import Stage
    from support.objects import Manifest

NAME = "data"
EVERY = "5 seconds"


@asynccontextmanager
async def shelf(stage: Stage, *, old: int) -> AsyncIterator[Shelf]:
    """A claim with so many ready snapshots of a group that does not exist yet."""
    found = Shelf(stage)
    await found.fill(old)
    watching = asyncio.create_task(found.watch())
    yield found
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await found.place.delete(SNAPSHOT_GROUPS, NAME)


class Shelf:
    """The snapshots of one namespace; `least` is how few ready ones there ever were."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.place = Place(stage.sandbox, stage.client, stage.namespace)
        self.old: list[str] = []
        self.ready: dict[str, bool] = {}
        self.least = 10**9

    async def fill(self, count: int) -> None:
        await self.place.create(CLAIMS, claim(NAME))
        await self.stage.until(self._bound, every=0.2)
        now = int(time.time())
        for stamp in range(now - 100 * count, now, 100):
            self.old.append(f"{NAME}-{stamp}")
            await self.place.create(SNAPSHOTS, _scheduled(stamp))
        await self.stage.until(self._all_ready, every=0.2)

    async def _bound(self) -> bool:
        return bool((await self.place.get(CLAIMS, NAME))["status"]["phase"] == "Bound")

    async def _all_ready(self) -> bool:
        return all(self.note(each) for each in await self.list())

    async def list(self) -> list[Manifest]:
        listing = await self.place.client.list(SNAPSHOTS, self.place.namespace)
        self._version = listing.resource_version
        return listing.items

    async def watch(self) -> None:
        """See every change, so that it is known how few ready snapshots there ever were."""
        changes = self.place.client.watch(SNAPSHOTS, self.place.namespace, resource_version=self._version)
        async for change in changes:
            if change.object:
                self.note(change.object, gone=change.kind == "DELETED")
                self.least = min(self.least, sum(self.ready.values()))

    def note(self, snapshot: Manifest, *, gone: bool = False) -> bool:
        """Whether a snapshot is ready and stays."""
        meta = snapshot["metadata"]
        ready = bool(snapshot.get("status", {}).get("readyToUse"))
        self.ready[meta["name"]] = ready and not gone and "deletionTimestamp" not in meta
        return ready

    async def start(self, *, keep: int) -> None:
        """Let there be a group: it takes a snapshot at once."""
        schedule = [{"every": EVERY, "keep": keep}]
        await self.place.create(SNAPSHOT_GROUPS, group(NAME, claim=NAME, schedule=schedule))

    async def keep(self, count: int) -> None:
        """Want more of them from now on."""
        schedule = [{"every": EVERY, "keep": count}]
        await self.place.patch(SNAPSHOT_GROUPS, NAME, {"spec": {"schedule": schedule}})

    async def retired(self) -> None:
        """Wait until all that is too old is gone."""
        doomed = set(self.old[:2])

        async def gone() -> bool:
            return not doomed & {each["metadata"]["name"] for each in await self.list()}

        await self.stage.until(gone, every=0.2)

    async def stop(self) -> None:
        """Suspend the group, and see that the operator knows."""
        changed = await self.place.patch(SNAPSHOT_GROUPS, NAME, {"spec": {"suspend": True}})

        async def known() -> bool:
            status = (await self.place.get(SNAPSHOT_GROUPS, NAME))["status"]
            return bool(status["observedGeneration"] >= changed["metadata"]["generation"])

        await self.stage.until(known)
        await self.stage.until(self._all_ready)

    async def awake(self) -> None:
        """Whoever was paused is alone again, and has looked at everything since."""
        for other in self.stage.programs[1:]:
            other.pause()
        await self.stop()

    async def assert_right(self, *, keep: int) -> None:
        """Never fewer than the tier keeps, the newest ones stay, and no slot has two."""
        assert self.least >= keep + 1
        left = sorted(each["metadata"]["name"] for each in await self.list())
        assert len(left) >= keep + 1
        assert not set(self.old[:2]) & set(left)


def _scheduled(stamp: int) -> Manifest:
    """As the group's schedule takes it."""
    notes = {
        keys.GEMINI_MANAGED_BY: keys.GEMINI_MANAGER,
        keys.GEMINI_GROUP: NAME,
        keys.GEMINI_TIMESTAMP: str(stamp),
        keys.GEMINI_INTERVALS: EVERY,
    }
    return snapshot(f"{NAME}-{stamp}", NAME, labels={keys.GROUP: NAME}, annotations=notes)
