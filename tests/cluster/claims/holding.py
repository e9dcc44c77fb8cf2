"""Ways to hold a restore in one phase, so that something can be done to it there, and to let it go on.

Each of these comes from outside, as it would in a real cluster: a pod, a finalizer, a driver that does not get on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cluster.claims.scenes import staged
from support.waiting import until

from holdfast.api.resource import CLAIMS, CONTENTS, SNAPSHOTS, VOLUME_RESTORES
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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
        storage_class: of the claim.
    """

    phase: str
    before: Callable[[Scene], Awaitable[str]]
    free: Callable[[Scene, str], Awaitable[None]]
    storage_class: str = "dir"

    def __str__(self) -> str:
        return self.phase

    async def held(self, place: Place, name: str) -> tuple[Scene, str]:
        """A scene whose restore is in the phase now, and what `free` needs."""
        scene = await staged(place, name, storageClassName=self.storage_class)
        token = await self.before(scene)
        await scene.ask()
        await scene.phase(self.phase)
        return scene, token


async def _unready_snapshot(scene: Scene) -> str:
    fault = scene.place.sandbox.faults.never_ready(handle=scene.old_handle)
    await scene.place.snapshot(f"{scene.name}-late", scene.name, ready=False)
    await until(lambda: _cut(scene, f"{scene.name}-late"))
    scene.place.sandbox.faults.clear(fault)
    return f"{scene.name}-late"


async def _cut(scene: Scene, snapshot: str) -> str:
    """The driver's name of a snapshot, as soon as it has one."""
    found = await scene.place.get(SNAPSHOTS, snapshot)
    content = await scene.place.get(CONTENTS, found["status"]["boundVolumeSnapshotContentName"])
    return str(content.get("status", {}).get("snapshotHandle", ""))


async def _make_ready(scene: Scene, snapshot: str) -> None:
    scene.place.sandbox.faults.make_ready(await until(lambda: _cut(scene, snapshot)))


async def _pod(scene: Scene) -> str:
    await scene.place.pod(f"{scene.name}-user", scene.name)
    return f"{scene.name}-user"


async def _end_pod(scene: Scene, pod: str) -> None:
    await scene.place.end_pod(pod)


async def _slow_safety(scene: Scene) -> str:
    return scene.place.sandbox.faults.never_ready(handle=scene.old_handle)


async def _quick_safety(scene: Scene, fault: str) -> None:
    restore = await scene.place.find(VOLUME_RESTORES, scene.name)
    if restore and (safety := restore["status"].get("safety")):
        await _make_ready(scene, safety["name"])
    scene.place.sandbox.faults.clear(fault)


async def _finalizer(scene: Scene) -> str:
    await set_finalizers(scene, FINALIZER)
    return ""


async def _no_finalizer(scene: Scene, _: str) -> None:
    await set_finalizers(scene)


async def set_finalizers(scene: Scene, *foreign: str) -> None:
    """Put other people's finalizers on the claim that bears the name now; none: take them away."""
    try:
        found = await scene.place.get(CLAIMS, scene.name)
        kept = [f for f in found["metadata"].get("finalizers", []) if f.startswith("kubernetes.io/")]
        await scene.place.patch(CLAIMS, scene.name, {"metadata": {"finalizers": [*kept, *foreign]}})
    except errors.NotFound:
        return


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


PREFLIGHT = Hold("Preflight", _unready_snapshot, _make_ready)
QUIESCE = Hold("Quiesce", _pod, _end_pod)
SAFETY = Hold("SafetySnapshot", _slow_safety, _quick_safety)
WAIT_GONE = Hold("WaitGone", _finalizer, _no_finalizer)
WAIT_BOUND = Hold("WaitBound", _full_pool, _room)
ON_DEMAND = Hold("WaitBound", _nothing, _application, storage_class="dir-wait")
SETTLE = Hold("Settle", _nothing, _go_on)

BEFORE_DELETE = (PREFLIGHT, QUIESCE, SAFETY)
AFTER_DELETE = (WAIT_GONE, WAIT_BOUND, ON_DEMAND, SETTLE)
