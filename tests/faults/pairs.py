"""Two claims of one application, restored as a set: both go back, or none does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from faults.scenes import NOW, POINT, THEN, Scene
from support.kubelets import kubelet
from support.objects import restore, stateful_set

from holdfast.api.resource import STATEFUL_SETS, VOLUME_RESTORES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from faults.harness import Stage

WEB = "web"


@asynccontextmanager
async def paired(stage: Stage) -> AsyncIterator[Pair]:
    """An application of two pods, each with a claim whose volume holds NOW and whose restore point holds THEN."""
    pair = Pair(stage)
    async with kubelet(stage.client, stage.namespace):
        await pair.set_up()
        yield pair
    for scene in pair.scenes:
        await scene.place.delete(VOLUME_RESTORES, scene.name)


class Pair:
    """What a test does with both claims, and what it sees; each one's restore bears its name."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.scenes = [Scene(stage, name=f"data-{WEB}-{n}") for n in range(2)]
        self.place = self.scenes[0].place

    async def set_up(self) -> None:
        await asyncio.gather(*(scene.fill() for scene in self.scenes))
        await self.place.create(STATEFUL_SETS, stateful_set(WEB, replicas=len(self.scenes)))
        await self.stage.until(self._running, every=0.2)

    async def _running(self) -> bool:
        found = await self.place.get(STATEFUL_SETS, WEB)
        ready = found.get("status", {}).get("readyReplicas", 0)
        return bool(found["spec"]["replicas"] == ready == len(self.scenes))

    async def ask(self) -> None:
        """Ask for both restores."""
        wanted = {"set": {"members": [scene.name for scene in self.scenes]}, "quiesce": {"mode": "Auto"}}
        for scene in self.scenes:
            body = restore(f"{scene.name}-{POINT}", name=scene.name, claim=scene.name, **wanted)
            await self.place.create(VOLUME_RESTORES, body)

    async def reached(self, phase: str) -> None:
        """Wait until both are there."""
        await asyncio.gather(*(scene.reached(phase) for scene in self.scenes))

    async def let_time_pass(self) -> None:
        await asyncio.gather(*(scene.let_time_pass() for scene in self.scenes))

    async def awake(self) -> None:
        """Whoever was paused is alone again, and has looked at everything since."""
        sleeper, *others = self.stage.programs
        for other in others:
            other.pause()
        for scene in self.scenes:
            await scene.looked_at(sleeper)

    async def assert_restored(self) -> None:
        for scene in self.scenes:
            await scene.assert_restored()
        await self._assert_running()

    async def assert_returned(self) -> None:
        for scene in self.scenes:
            await scene.assert_returned()
        await self._assert_running()

    async def _assert_running(self) -> None:
        """The application is up, as large as it was, and the journal of the first restore knows."""
        await self.stage.until(self._running, every=0.2)
        first, second = [(await scene.restore())["status"].get("workloads", []) for scene in self.scenes]
        assert [(w["name"], w["replicas"], w["state"]) for w in first] == [(WEB, 2, "Up")]
        assert not second

    async def assert_in_step(self) -> None:
        """None was touched before both had been looked at, none was deleted before both were saved."""
        restores = [await scene.restore() for scene in self.scenes]
        for last, first in (("Freeze", "Record"), ("SafetySnapshot", "Delete")):
            assert max(_began(each, last) for each in restores) <= min(
                _began(each, first) for each in restores
            )

    async def assert_let_go(self, *, restored: bool) -> None:
        """The volumes that lost go, those that won stay."""
        for scene in self.scenes:
            loser, winner = (scene.old, scene.new) if restored else (scene.new, scene.old)
            await scene.assert_let_go(loser, winner)
            await scene.assert_bound(THEN if restored else NOW)


def _began(restore: dict[str, dict[str, list[dict[str, str]]]], phase: str) -> str:
    return next(each["at"] for each in restore["status"]["phases"] if each["phase"] == phase)
