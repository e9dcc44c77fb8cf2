"""Whatever somebody does to a restore at any phase, it ends right: with the past in place, or with what was."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cluster.claims.holding import AFTER_DELETE, BEFORE_DELETE, SETTLE, Hold
from support.waiting import until

from holdfast.api.resource import CLAIMS, SNAPSHOT_GROUPS, VOLUME_RESTORES, VOLUMES

if TYPE_CHECKING:
    from cluster.claims.scenes import Scene
    from support.operators import Operator
    from support.places import Place

pytestmark = pytest.mark.cluster

ALL = pytest.mark.parametrize("hold", (*BEFORE_DELETE, *AFTER_DELETE), ids=lambda h: f"{h}-{h.storage_class}")
EARLY = pytest.mark.parametrize("hold", BEFORE_DELETE, ids=str)
LATE = pytest.mark.parametrize("hold", AFTER_DELETE, ids=lambda h: f"{h}-{h.storage_class}")


async def several(hold: Hold, place: Place, *names: str) -> list[tuple[Scene, str]]:
    return list(await asyncio.gather(*(hold.held(place, name) for name in names)))


async def free(hold: Hold, *held: tuple[Scene, str]) -> None:
    await asyncio.gather(*(hold.free(*each) for each in held))


async def ask_for(scene: Scene, **spec: bool) -> None:
    await scene.place.patch(VOLUME_RESTORES, scene.name, {"spec": spec})


@ALL
async def test_a_restore_goes_on_without_its_group_its_status_and_its_operator(
    place: Place, operator: Operator, hold: Hold
) -> None:
    deleted, stripped = held = await several(hold, place, "deleted", "stripped")
    operator.kill()
    await place.delete(SNAPSHOT_GROUPS, "deleted")
    path = SNAPSHOT_GROUPS.path(place.namespace, "stripped", "status")
    await place.client.request(
        "PATCH",
        path,
        body={"status": None},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    await operator.start()
    await free(hold, *held)
    await deleted[0].settled()
    await stripped[0].settled()
    restores = await place.client.list(VOLUME_RESTORES, place.namespace)
    assert len(restores.items) == 2


@EARLY
async def test_before_the_claim_is_deleted_a_restore_can_be_called_off(place: Place, hold: Hold) -> None:
    held = await several(hold, place, "cancelled", "rolledback", "deleted")
    cancelled, rolled_back, deleted = (scene for scene, _ in held)
    await ask_for(cancelled, cancel=True)
    await ask_for(rolled_back, rollback=True)
    await place.delete(VOLUME_RESTORES, "deleted")
    for scene in (cancelled, rolled_back):
        await scene.phase("Failed" if hold.phase == "Preflight" else "RolledBack")
        await scene.assert_untouched()
    await place.gone(VOLUME_RESTORES, "deleted")
    await deleted.assert_untouched()
    await free(hold, *held)


@LATE
async def test_after_the_claim_is_deleted_cancelling_and_deleting_let_it_finish(
    place: Place, hold: Hold
) -> None:
    held = await several(hold, place, "cancelled", "deleted")
    cancelled, deleted = (scene for scene, _ in held)
    await ask_for(cancelled, cancel=True)
    await place.delete(VOLUME_RESTORES, "deleted")
    await free(hold, *held)
    await cancelled.settled()
    await place.gone(VOLUME_RESTORES, "deleted")
    await deleted.assert_restored()


@LATE
async def test_after_the_claim_is_deleted_a_restore_can_be_rolled_back(place: Place, hold: Hold) -> None:
    ((scene, token),) = await several(hold, place, "data")
    new = await place.find(CLAIMS, "data") if hold is SETTLE else None
    await ask_for(scene, rollback=True)
    if hold.phase == "WaitGone":
        await scene.phase("RollingBack", saying="going away")
        await hold.free(scene, token)
    await scene.rolled_back()
    await hold.free(scene, token)
    if new:
        volume = await place.get(VOLUMES, new["spec"]["volumeName"])
        assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


async def test_a_volume_that_a_rollback_replaced_goes_when_its_time_is_over(place: Place) -> None:
    ((scene, _),) = await several(SETTLE, place, "data")
    new = await place.volume("data")
    await place.patch(VOLUME_RESTORES, "data", {"spec": {"rollback": True, "keepOldVolumeFor": "1s"}})
    await scene.rolled_back()
    await scene.volume_gone(new)
    await scene.assert_returned()


@ALL
async def test_a_namespace_that_goes_in_the_middle_takes_everything_but_the_old_volume(
    place: Place, hold: Hold
) -> None:
    ((scene, token),) = await several(hold, place, "data")
    await place.sandbox.kubectl("delete", "namespace", place.namespace, "--wait=false")
    await hold.free(scene, token)

    async def gone() -> bool:
        return not await place.sandbox.kubectl("get", "namespace", place.namespace, "--ignore-not-found")

    await until(gone)
    if hold.phase != "Preflight":
        await scene.assert_old_kept()
