"""Applications on a claim with a past: what a restore has to stop and bring back."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cluster.claims.holding import has_unready
from cluster.claims.scenes import Scene, staged
from support import objects
from support.waiting import until

from holdfast.api.resource import STATEFUL_SETS, VOLUME_RESTORES
from holdfast.kube.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from support.objects import Manifest
    from support.places import Place

    from holdfast.api.resource import Resource

AUTO = {"mode": "Auto"}


@dataclass(frozen=True)
class Application:
    """A workload whose first pod uses the claim of a scene."""

    scene: Scene
    resource: Resource
    name: str

    @property
    def place(self) -> Place:
        return self.scene.place

    async def get(self) -> Manifest:
        return await self.place.get(self.resource, self.name)

    async def replicas(self) -> int:
        return int((await self.get())["spec"]["replicas"])

    async def ready(self, replicas: int) -> None:
        """Wait until so many pods are wanted, and all of them are ready."""

        async def complete() -> bool:
            found = await self.get()
            wanted, ready = found["spec"]["replicas"], found["status"].get("readyReplicas", 0)
            assert (wanted, ready) == (replicas, replicas), found["status"]
            return True

        await until(complete)

    async def scale(self, replicas: int, *, by: str = "tests") -> None:
        """Another hand than that of Holdfast gives it another size, as `kubectl edit` or an operator does."""
        async with Client(self.place.client.access, field_manager=by) as client:
            spec = {"spec": {"replicas": replicas}}
            await client.patch(self.resource, self.name, spec, self.place.namespace)

    async def asks(self, **quiesce: Any) -> None:  # noqa: ANN401  of a Quiesce
        """Ask for the restore."""
        await self.scene.ask(quiesce=quiesce or AUTO)

    def target(self, namespace: str = "") -> Manifest:
        """As a list names it."""
        named = {"apiVersion": self.resource.api_version, "kind": self.resource.kind, "name": self.name}
        return named | ({"namespace": namespace} if namespace else {})

    async def blocked(self, *saying: str, phase: str = "") -> Manifest:
        """Wait until the restore says that only a person can end its wait, and why."""

        async def stuck() -> Manifest:
            restore = await self.place.get(VOLUME_RESTORES, self.scene.name)
            status = restore["status"]
            assert [c["status"] for c in status.get("conditions", []) if c["type"] == "Blocked"] == [
                "True"
            ], status
            assert all(words in status["message"] for words in saying), status
            assert phase in {"", status["phase"]}, status
            return restore

        return await until(stuck)

    async def released(self, fault: str) -> None:
        """Let the safety snapshots get ready that `at_rest` keeps from it."""
        faults = self.place.sandbox.faults
        faults.clear(fault)
        for snapshot in faults.snapshots():
            if snapshot.source == self.scene.old_handle and not snapshot.ready:
                faults.make_ready(snapshot.id)

    async def record(self) -> Manifest:
        """What the journal has of this workload."""
        restore = await self.place.get(VOLUME_RESTORES, self.scene.name)
        (found,) = [w for w in restore["status"]["workloads"] if w["name"] == self.name]
        return dict(found)


async def stateful(
    place: Place,
    name: str = "web",
    *,
    replicas: int = 2,
    wanted: Manifest | None = None,
    **spec: Any,  # noqa: ANN401  of a StatefulSet
) -> Application:
    """A StatefulSet, ready; the claim of its first pod has a past.

    Args:
        place: where; a kubelet is at work there.
        name: of the set.
        replicas: how many.
        wanted: of the claim.
        spec: more of the set's spec.
    """
    scene = await staged(place, f"data-{name}-0", **(wanted or {}))
    await place.create(STATEFUL_SETS, objects.stateful_set(name, replicas=replicas, **spec))
    application = Application(scene, STATEFUL_SETS, name)
    await application.ready(replicas)
    return application


async def at_rest(place: Place, *, listed: bool = False) -> tuple[Application, str]:
    """An application that a restore has scaled down, which stays there as its safety snapshot does not get ready."""
    web = await stateful(place)
    fault = place.sandbox.faults.never_ready(handle=web.scene.old_handle)
    await web.asks(**({"mode": "List", "targets": [web.target()]} if listed else AUTO))
    await web.scene.phase("SafetySnapshot")
    await until(partial(has_unready, web.scene))
    assert await web.replicas() == 0
    return web, fault


class Changes:
    """States of recorded workloads, in the order in which they were written down."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], None] = {}

    def learn(self, restore: Manifest) -> None:
        for record in restore.get("status", {}).get("workloads", []):
            self._seen[record["name"], record["state"]] = None

    def of(self, name: str, state: str) -> Callable[[], Awaitable[bool]]:
        """A condition: this state of this workload was seen."""

        async def seen() -> bool:
            return (name, state) in self._seen

        return seen

    def order(self, *states: str) -> list[tuple[str, str]]:
        """Who got into one of these states, in order."""
        return [each for each in self._seen if each[1] in states]


@asynccontextmanager
async def changes(place: Place) -> AsyncIterator[Changes]:
    """Watch the restores of a place."""
    seen, version = Changes(), (await place.client.list(VOLUME_RESTORES, place.namespace)).resource_version
    task = asyncio.create_task(_follow(place, seen, version))
    yield seen
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _follow(place: Place, seen: Changes, version: str) -> None:
    async for change in place.client.watch(VOLUME_RESTORES, place.namespace, resource_version=version):
        if change.object:
            seen.learn(change.object)
