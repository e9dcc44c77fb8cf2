"""Ways to hold a restore in one phase, so that something can be done to it there, and to let it go on.

Each of these comes from outside, as it would in a real cluster: a pod, a finalizer, a driver that does not get on.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cluster.claims.scenes import staged
from support.waiting import until

from holdfast.api.resource import CLAIMS
from holdfast.kube import errors
from holdfast.kube.client import PatchKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from cluster.claims.scenes import Scene
    from support.places import Place

FINALIZER = "example.com/hold"


@dataclass(frozen=True)
class Hold:
    """How a restore is brought into a phase where it stays, and let go.

    Attributes:
        phase: where it stays.
        before: done before the restore is asked for; what it gives is handed to `free`.
        free: lets it go on.
        name: of the hold, for names of claims.
        storage_class: of the claim.
        arrived: whether it has come as far as it gets.
    """

    phase: str
    before: Callable[[Scene], Awaitable[str]]
    free: Callable[[Scene, str], Awaitable[None]]
    name: str
    storage_class: str = "dir"
    arrived: Callable[[Scene], Awaitable[bool]] | None = None

    async def held(self, place: Place, name: str) -> Held:
        """A scene whose restore is in the phase now."""
        scene = await staged(place, f"{self.name}-{name}", storageClassName=self.storage_class)
        token = await self.before(scene)
        await scene.ask()
        await scene.phase(self.phase)
        if self.arrived:
            await until(partial(self.arrived, scene))
        return Held(self, scene, token)


@dataclass(frozen=True)
class Held:
    hold: Hold
    scene: Scene
    token: str

    async def free(self) -> None:
        await self.hold.free(self.scene, self.token)


async def held(place: Place, holds: Iterable[Hold], name: str) -> list[Held]:
    """One scene for each way to hold it, all at the same time."""
    return list(await asyncio.gather(*(hold.held(place, name) for hold in holds)))


async def free(*several: Held) -> None:
    await asyncio.gather(*(each.free() for each in several))


async def _late_snapshot(scene: Scene) -> str:
    fault = scene.place.sandbox.faults.never_ready(handle=scene.old_handle)
    await scene.place.snapshot(f"{scene.name}-late", scene.name, ready=False)
    await until(partial(has_unready, scene))
    return fault


async def has_unready(scene: Scene) -> bool:
    """Whether the driver is at a snapshot of the old volume."""
    return bool(_unready(scene))


def _unready(scene: Scene) -> list[str]:
    taken = scene.place.sandbox.faults.snapshots()
    return [s.id for s in taken if s.source == scene.old_handle and not s.ready]


async def _make_ready(scene: Scene, fault: str) -> None:
    scene.place.sandbox.faults.clear(fault)
    for snapshot in _unready(scene):
        scene.place.sandbox.faults.make_ready(snapshot)


async def _pod(scene: Scene) -> str:
    await scene.place.pod(f"{scene.name}-user", scene.name)
    return f"{scene.name}-user"


async def _end_pod(scene: Scene, pod: str) -> None:
    await scene.place.end_pod(pod)


async def _slow_safety(scene: Scene) -> str:
    return scene.place.sandbox.faults.never_ready(handle=scene.old_handle)


async def _finalizer(scene: Scene) -> str:
    await hold_on(scene)
    return ""


async def _no_finalizer(scene: Scene, _: str) -> None:
    await let_go(scene)


async def hold_on(scene: Scene) -> None:
    """Put somebody's finalizer on the claim."""
    await _patch_claim(scene, {"finalizers": [FINALIZER]})


async def let_go(scene: Scene) -> None:
    """Take it away from the claim that bears the name now, if there is one."""
    try:
        await _patch_claim(scene, {"$deleteFromPrimitiveList/finalizers": [FINALIZER]})
    except errors.NotFound:
        return


async def _patch_claim(scene: Scene, metadata: dict[str, list[str]]) -> None:
    body, kind = {"metadata": metadata}, PatchKind.STRATEGIC
    await scene.place.client.patch(CLAIMS, scene.name, body, scene.place.namespace, kind=kind)


async def _full_pool(scene: Scene) -> str:
    return scene.place.sandbox.faults.fill_pool(handle=await scene.snapshot_handle())


async def _room(scene: Scene, fault: str) -> None:
    scene.place.sandbox.faults.clear(fault)


async def _nothing(_: Scene) -> str:
    return ""


async def _application(scene: Scene, _: str) -> None:
    await scene.place.pod(f"{scene.name}-back", scene.name)


async def _go_on(_: Scene, __: str) -> None:
    return


PREFLIGHT = Hold("Preflight", _late_snapshot, _make_ready, "preflight")
QUIESCE = Hold("Quiesce", _pod, _end_pod, "quiesce")
SAFETY = Hold("SafetySnapshot", _slow_safety, _make_ready, "safety", arrived=has_unready)
WAIT_GONE = Hold("WaitGone", _finalizer, _no_finalizer, "gone")
WAIT_BOUND = Hold("WaitBound", _full_pool, _room, "bound")
ON_DEMAND = Hold("WaitBound", _nothing, _application, "demand", storage_class="dir-wait")
SETTLE = Hold("Settle", _nothing, _go_on, "settle")

BEFORE_DELETE = (PREFLIGHT, QUIESCE, SAFETY)
AFTER_DELETE = (WAIT_GONE, WAIT_BOUND, ON_DEMAND, SETTLE)
