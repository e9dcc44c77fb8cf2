"""A killed operator and a driver that misbehaves: the restore ends right, late perhaps."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from cluster.claims.holding import AFTER_DELETE, BEFORE_DELETE, ON_DEMAND, WAIT_GONE, free, held
from cluster.claims.scenes import staged
from support import objects
from support.waiting import until

from holdfast.api.resource import VOLUME_RESTORES, VOLUMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.operators import Operator
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_a_killed_operator_goes_on_where_it_was_forward_and_back(
    place: Place, operator: Operator
) -> None:
    forward = await held(place, (*BEFORE_DELETE, *AFTER_DELETE), "on")
    back = await held(place, AFTER_DELETE, "back")
    operator.kill()
    for each in back:
        await place.patch(VOLUME_RESTORES, each.scene.name, {"spec": {"rollback": True}})
    await free(*forward, *(each for each in back if each.hold is not ON_DEMAND))
    await operator.start()
    await asyncio.gather(*(each.scene.settled() for each in forward))
    await asyncio.gather(*(each.scene.rolled_back() for each in back))


async def test_an_operator_killed_again_and_again_brings_the_data_back(
    place: Place, operator: Operator
) -> None:
    scenes = await asyncio.gather(*(staged(place, f"data-{n}") for n in range(6)))
    await asyncio.gather(*(scene.ask() for scene in scenes))
    for _ in range(3):
        await scenes[0].phase(
            "Preflight", "SafetySnapshot", "Delete", "WaitGone", "Create", "WaitBound", "Settle"
        )
        await operator.restart()
    await asyncio.gather(*(scene.settled() for scene in scenes))


async def test_an_operator_that_is_asked_to_end_ends_in_order(place: Place, operator: Operator) -> None:
    each = await WAIT_GONE.held(place, "data")
    assert await operator.stop() == 0
    await operator.start()
    await each.free()
    await each.scene.settled()


@contextmanager
def fault(place: Place, name: str) -> Iterator[None]:
    yield
    place.sandbox.faults.clear(name)


async def test_a_full_pool_stops_a_restore_only_as_long_as_it_is_full(place: Place) -> None:
    scene = await staged(place)
    full = place.sandbox.faults.fill_pool(handle=await scene.snapshot_handle())
    with fault(place, full):
        await scene.ask()
        await scene.phase("WaitBound", saying="it is Pending")
        await scene.assert_old_kept()
    await scene.settled()


async def test_a_safety_snapshot_that_fails_at_first_is_waited_for(place: Place) -> None:
    scene = await staged(place)
    failing = place.sandbox.faults.fail_snapshots(handle=scene.old_handle, calls=3)
    with fault(place, failing):
        await scene.ask()
        await scene.settled()


async def test_lost_replies_of_the_driver_leave_one_volume(place: Place) -> None:
    scene = await staged(place)
    methods = ("CreateVolume", "CreateSnapshot")
    losing = place.sandbox.faults.lose_replies(*methods, handle=scene.old_handle, calls=2)
    also = place.sandbox.faults.lose_replies(*methods, handle=await scene.snapshot_handle(), calls=2)
    with fault(place, losing), fault(place, also):
        await scene.ask()
        await scene.settled()
    handle = await scene.snapshot_handle()
    assert len([v for v in place.sandbox.faults.volumes() if v.from_snapshot == handle]) == 1


async def test_a_driver_that_refuses_to_delete_keeps_nobody_from_ending(place: Place) -> None:
    scene = await staged(place)
    refusing = place.sandbox.faults.refuse_deletes(handle=scene.old_handle)
    with fault(place, refusing):
        await scene.ask(keepOldVolumeFor="0s")
        await scene.phase("Done")

        async def failed() -> bool:
            volume = await place.get(VOLUMES, scene.old_name)
            return bool(volume["status"]["phase"] in {"Released", "Failed"})

        await until(failed)
        assert place.path(scene.volume).exists()
    await scene.volume_gone(scene.volume)


async def test_deletes_that_take_long_are_not_waited_for(place: Place) -> None:
    scene = await staged(place)
    slow = place.sandbox.faults.slow_deletes(handle=scene.old_handle)
    with fault(place, slow):
        await scene.ask(keepOldVolumeFor="0s")
        await scene.phase("Done")
        assert (await place.bound("data"))["metadata"]["uid"] != scene.claim["metadata"]["uid"]
    await scene.volume_gone(scene.volume)


async def test_a_snapshot_that_vanishes_before_the_delete_stops_the_restore(place: Place) -> None:
    scene = await staged(place)
    await place.pod()
    await scene.ask()
    await scene.phase("Quiesce")
    snapshot = scene.snapshot["metadata"]["name"]
    await place.sandbox.kubectl("-n", place.namespace, "delete", "volumesnapshot", snapshot)
    await place.end_pod()
    restore = await scene.phase("RolledBack")
    assert f"snapshot {snapshot} went away" in restore["status"]["reason"]
    volume = await place.volume("data")
    assert volume["metadata"]["uid"] == scene.volume["metadata"]["uid"]
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    assert await place.read_data("data") == "now"


async def test_a_restore_made_without_our_finalizer_is_protected_all_the_same(place: Place) -> None:
    scene = await staged(place)
    body = objects.restore(scene.snapshot["metadata"]["name"], name="data")
    del body["metadata"]["finalizers"]
    await place.pod()
    await place.create(VOLUME_RESTORES, body)
    await scene.phase("Quiesce")
    await place.delete(VOLUME_RESTORES, "data")
    await place.gone(VOLUME_RESTORES, "data")
    await scene.assert_untouched()
