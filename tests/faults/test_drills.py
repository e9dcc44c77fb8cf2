"""A run of a drill, disturbed at any of its calls: it ends with one result, and nothing of it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults.expected import named
from faults.harness import KILLED_BEFORE, every_call, every_pause
from support import drills, kubelets, objects
from support.places import Place

from holdfast.api.resource import CLAIMS, PODS, RESTORE_DRILLS, SNAPSHOT_GROUPS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Stage
    from faults.programs import Program
    from support.objects import Manifest

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster

NAMES = ("data-0", "data-1")
CHECK = {"pod": {"image": "none"}}
ENDED = {"phase": "Succeeded", "containerStatuses": []}
WRITES = {
    "update restoredrills/status",
    "patch volumesnapshots",
    "create persistentvolumeclaims",
    "create pods",
    "delete pods",
    "delete persistentvolumeclaims",
}


async def proves(stage: Stage) -> None:
    """A run on request that tries a set of two claims, and whose pod ends well."""
    place = Place(stage.sandbox, stage.client, stage.namespace)
    before = await _set_up(stage, place)

    async def filed() -> bool:
        return bool(await _history(place))

    async def clean() -> bool:
        return not await drills.leftovers(place)

    async with kubelets.kubelet(stage.client, stage.namespace):
        async with stage.armed():
            await drills.ask(place)
            await _end_check(stage, place)
            await stage.until(filed)
        await stage.until(clean)
    (result,) = await _history(place)
    assert result["result"] == "Proven", result
    for claim in before:
        found = await place.get(CLAIMS, claim["metadata"]["name"])
        assert found["metadata"]["uid"] == claim["metadata"]["uid"]
        assert "deletionTimestamp" not in found["metadata"]
    await place.delete(RESTORE_DRILLS, drills.NAME)


async def _set_up(stage: Stage, place: Place) -> list[Manifest]:
    for name in NAMES:
        await place.claim(name, metadata={"labels": {"app": "queue"}})
    labels = {"selector": {"matchLabels": {"app": "queue"}}}
    group = await place.create(SNAPSHOT_GROUPS, objects.group(persistentVolumeClaim=labels))
    await place.group_set(group, 1600000000, NAMES)
    await drills.create(place, check=CHECK)

    async def ready() -> bool:
        status = (await place.get(RESTORE_DRILLS, drills.NAME)).get("status", {})
        return any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))

    await stage.until(ready)
    return [await place.get(CLAIMS, name) for name in NAMES]


async def _end_check(stage: Stage, place: Place) -> None:
    """What a kubelet would say of the pod, as soon as it runs."""

    async def ended() -> bool:
        for pod in (await place.client.list(PODS, place.namespace)).items:
            if pod["status"].get("phase") == "Running":
                name = pod["metadata"]["name"]
                await place.client.patch(PODS, name, {"status": ENDED}, place.namespace, subresource="status")
                return True
        return False

    await stage.until(ended)


async def _history(place: Place) -> list[Manifest]:
    status = (await place.get(RESTORE_DRILLS, drills.NAME)).get("status", {})
    history: list[Manifest] = status.get("history", [])
    return history


async def test_killed_before_any_write(staged: Staged, operator: Callable[..., Program]) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(proves, stage, KILLED_BEFORE)
    assert named(hits) >= WRITES


async def test_a_second_operator_ends_the_run_while_the_first_one_sleeps_before_any_write(
    staged: Staged, operator: Callable[..., Program]
) -> None:
    stage = await staged(operator("--no-election", label="one"), operator("--no-election", label="two"))
    assert named(await every_pause(proves, stage)) >= WRITES
