"""How long an application is down for a restore: Holdfast's one command beside the recipe with kubectl, in turn."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.manifests import APPLICATION, APPLICATION_MANIFEST, CLAIM, GROUP, POD
from demo.stage import NAMESPACE, Stage, installed
from support import objects
from support.waiting import until

from holdfast.api.resource import STATEFUL_SETS
from holdfast.kube.access import load_access
from holdfast.kube.client import Client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS = 7
SNAPSHOT = f"{GROUP}-1585945609"
OBJECTS = [objects.group(GROUP, claim=CLAIM), objects.group_snapshot(GROUP, 1585945609, CLAIM)]
_FROM_SNAPSHOT = f"""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {CLAIM}}}
spec:
  accessModes: [ReadWriteOnce]
  resources: {{requests: {{storage: 64Mi}}}}
  dataSource: {{apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: {SNAPSHOT}}}
"""
_PATIENCE = "--timeout=120s"


@dataclass(slots=True)
class Downtimes:
    """Of each restore, seconds from when the application was not ready until it was ready again."""

    holdfast: list[float] = field(default_factory=list)
    kubectl: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(self.kubectl) / statistics.median(self.holdfast)


async def measure() -> Downtimes:
    """Restore the same application from the same snapshot, now this way and now that."""
    found = Downtimes()
    async with installed() as stage, Client(load_access(stage.sandbox.kubeconfig)) as admin:
        await _prepare(stage)
        for _ in range(ROUNDS):
            found.holdfast.append(await _down_during(admin, lambda: by_holdfast(stage)))
            found.kubectl.append(await _down_during(admin, lambda: by_hand(stage)))
    return found


async def by_holdfast(stage: Stage) -> None:
    """One command, which also takes a snapshot of the present state and keeps the old volume."""
    code, said = await stage.holdfast(
        "group",
        "restore",
        GROUP,
        "--to",
        SNAPSHOT,
        "--quiesce",
        "auto",
        "--wait",
        "--keep-old-volume-for",
        "1s",
    )
    if code:
        raise RuntimeError(said)


async def by_hand(stage: Stage) -> None:
    """The recipe, without a moment to think between two commands, and without any net."""
    await stage.kubectl("scale", f"statefulset/{APPLICATION}", "--replicas=0")
    await stage.kubectl("wait", "--for=delete", f"pod/{POD}", _PATIENCE)
    await stage.kubectl("delete", "pvc", CLAIM)
    await stage.kubectl("apply", "-f", "-", input=_FROM_SNAPSHOT)
    await stage.kubectl("scale", f"statefulset/{APPLICATION}", "--replicas=1")
    await stage.kubectl("rollout", "status", f"statefulset/{APPLICATION}", _PATIENCE)


async def _prepare(stage: Stage) -> None:
    await stage.kubectl("apply", "-f", "-", input=APPLICATION_MANIFEST.replace("IMAGE", stage.image))
    await stage.kubectl("rollout", "status", f"statefulset/{APPLICATION}", _PATIENCE)
    for each in OBJECTS:
        await stage.kubectl("apply", "-f", "-", input=json.dumps(each))
    ready = "--for=jsonpath={.status.readyToUse}=true"
    await stage.kubectl("wait", ready, f"volumesnapshot/{SNAPSHOT}", _PATIENCE)


async def _down_during(admin: Client, restore: Callable[[], Awaitable[None]]) -> float:
    """Seconds between the two changes of the StatefulSet's ready replicas that a watch sees."""
    listed = await admin.list(STATEFUL_SETS, NAMESPACE)
    changes: list[tuple[float, bool]] = []

    async def watch() -> None:
        seen = admin.watch(STATEFUL_SETS, NAMESPACE, resource_version=listed.resource_version)
        async for change in seen:
            ready = bool((change.object or {}).get("status", {}).get("readyReplicas"))
            changes.append((time.monotonic(), ready))

    watching = asyncio.create_task(watch())
    await restore()

    async def back() -> bool:
        return bool(changes) and changes[-1][1]

    await until(back)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    gone = next(when for when, ready in changes if not ready)
    return next(when for when, ready in changes if ready and when > gone) - gone
