"""A StatefulSet whose claims all have a past, and the restores that put all of them back at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cluster.claims.scenes import Scene, staged
from cluster.workloads.applications import AUTO, Application
from support import objects

from holdfast.api.resource import STATEFUL_SETS, VOLUME_RESTORES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.objects import Manifest
    from support.places import Place


@dataclass(frozen=True)
class Whole:
    """All the claims of an application; each one's restore bears the name of its claim."""

    application: Application
    scenes: tuple[Scene, ...]

    @property
    def place(self) -> Place:
        return self.application.place

    @property
    def names(self) -> list[str]:
        return [scene.name for scene in self.scenes]

    async def ask(self, *scenes: Scene, **spec: Any) -> None:  # noqa: ANN401  of a VolumeRestore
        """Ask for restores that belong together: for all, or only for some."""
        wanted = {"quiesce": AUTO, "set": {"members": self.names}} | spec
        await asyncio.gather(*(scene.ask(**wanted) for scene in scenes or self.scenes))

    async def change(self, scene: Scene, **spec: bool) -> None:
        """Want something else of one of them."""
        await self.place.patch(VOLUME_RESTORES, scene.name, {"spec": spec})

    async def all(self, phase: str, saying: str = "") -> list[Manifest]:
        """Wait until all of them are in a phase."""
        return list(await asyncio.gather(*(scene.phase(phase, saying=saying) for scene in self.scenes)))

    async def settled(self) -> list[Manifest]:
        """Wait until all the data is back and the application runs."""
        restores = list(await asyncio.gather(*(scene.settled() for scene in self.scenes)))
        await self.application.ready(len(self.scenes))
        return restores

    async def rolled_back(self) -> None:
        """Wait until all old volumes are back and the application runs."""
        await asyncio.gather(*(scene.rolled_back() for scene in self.scenes))
        await self.application.ready(len(self.scenes))

    async def assert_untouched(self) -> None:
        for scene in self.scenes:
            await scene.assert_untouched()
        await self.application.ready(len(self.scenes))


async def whole(place: Place, replicas: int = 3, **wanted: Any) -> Whole:  # noqa: ANN401  of the claims
    """An application that is ready; a kubelet is at work in the place."""
    names = [f"data-web-{n}" for n in range(replicas)]
    scenes = await asyncio.gather(*(staged(place, name, **wanted) for name in names))
    await place.create(STATEFUL_SETS, objects.stateful_set("web", replicas=replicas))
    application = Application(scenes[0], STATEFUL_SETS, "web")
    await application.ready(replicas)
    return Whole(application, tuple(scenes))


def began(restores: Iterable[Manifest], phase: str) -> list[str]:
    """When each of them first was in a phase."""
    return [next(p["at"] for p in r["status"]["phases"] if p["phase"] == phase) for r in restores]
