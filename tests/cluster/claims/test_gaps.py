"""Between the old claim and the new one its name is free: what others may do then, and what becomes of it."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from cluster.claims.holding import FINALIZER, WAIT_GONE, hold_on, let_go
from cluster.claims.scenes import Scene, staged
from support.waiting import until

from holdfast.api.resource import CLAIMS, VOLUME_RESTORES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.objects import Manifest
    from support.operators import Operator
    from support.places import Place

pytestmark = pytest.mark.cluster


@contextmanager
def suspended(operator: Operator) -> Iterator[None]:
    """The operator sleeps, and knows nothing of it."""
    operator.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        operator.signal(signal.SIGCONT)


async def usurp(scene: Scene, operator: Operator, *, bound: bool = True, **wanted: Any) -> Manifest:  # noqa: ANN401
    """Let the claim that has the name go, and have another one take the name before the operator looks."""
    with suspended(operator):
        await let_go(scene)
        await scene.place.gone(CLAIMS, scene.name)
        return await scene.place.claim(scene.name, bound=bound, **wanted)


async def test_a_claim_that_others_hold_on_to_is_waited_for_and_they_are_named(place: Place) -> None:
    scene = await staged(place)
    await hold_on(scene)
    await scene.ask()
    await scene.phase("WaitGone", saying=f"finalizers on claim data: {FINALIZER}")
    await let_go(scene)
    await scene.settled()


async def test_unbound_claims_in_the_gap_are_removed_three_times_and_no_more(
    place: Place, operator: Operator
) -> None:
    held = await WAIT_GONE.held(place, "data")
    scene = held.scene
    unbound: dict[str, Any] = {
        "bound": False,
        "storageClassName": "dir-wait",
        "metadata": {"finalizers": [FINALIZER]},
    }
    for count in (1, 2, 3):
        await usurp(scene, operator, **unbound)
        await until(lambda count=count: _displaced(scene, count))  # type: ignore[misc]
    fourth = await usurp(scene, operator, **unbound)
    restore = await scene.phase("Create", saying="foreign claim")
    assert blocked(restore)
    assert restore["status"]["displaced"] == 3
    left = await place.get(CLAIMS, scene.name)
    assert left["metadata"]["uid"] == fourth["metadata"]["uid"]
    assert "deletionTimestamp" not in left["metadata"]
    await let_go(scene)
    await place.delete(CLAIMS, scene.name)
    await scene.settled()


async def _displaced(scene: Scene, count: int) -> bool:
    claim = await scene.place.get(CLAIMS, scene.name)
    restore = await scene.place.get(VOLUME_RESTORES, scene.name)
    return "deletionTimestamp" in claim["metadata"] and restore["status"]["displaced"] == count


def blocked(restore: Manifest) -> bool:
    conditions = restore["status"].get("conditions", [])
    return any(c["type"] == "Blocked" and c["status"] == "True" for c in conditions)


async def foreign(place: Place, operator: Operator) -> tuple[Scene, Manifest]:
    """A restore that stands before a claim which has a volume, and bytes in it, of its own."""
    scene = (await WAIT_GONE.held(place, "data")).scene
    other = await usurp(scene, operator, data="somebody else's")
    restore = await scene.phase("Create", saying="nothing of it is deleted")
    assert blocked(restore)
    for choice in (f"delete claim {scene.name}", "set spec.rollback", scene.old_name):
        assert choice in restore["status"]["message"]
    return scene, other


async def assert_left_alone(scene: Scene, other: Manifest) -> None:
    claim = await scene.place.get(CLAIMS, scene.name)
    assert claim["metadata"]["uid"] == other["metadata"]["uid"]
    assert "deletionTimestamp" not in claim["metadata"]
    assert await scene.place.read_data(scene.name) == "somebody else's"
    await scene.assert_old_kept()


async def test_a_bound_claim_in_the_gap_is_left_alone_until_it_is_deleted(
    place: Place, operator: Operator
) -> None:
    scene, other = await foreign(place, operator)
    await assert_left_alone(scene, other)
    await place.delete(CLAIMS, scene.name)
    await scene.settled()


async def test_a_bound_claim_in_the_gap_is_left_alone_by_a_rollback_too(
    place: Place, operator: Operator
) -> None:
    scene, other = await foreign(place, operator)
    await place.patch(VOLUME_RESTORES, scene.name, {"spec": {"rollback": True}})
    restore = await scene.phase("RollingBack", saying="a foreign claim")
    assert blocked(restore)
    await assert_left_alone(scene, other)
    await place.delete(CLAIMS, scene.name)
    await scene.rolled_back()


async def test_whoever_keeps_the_foreign_claim_can_be_rid_of_the_restore(
    place: Place, operator: Operator
) -> None:
    scene, other = await foreign(place, operator)
    await place.delete(VOLUME_RESTORES, scene.name)
    await place.gone(VOLUME_RESTORES, scene.name)
    await assert_left_alone(scene, other)


async def test_a_claim_that_takes_the_old_volume_back_ends_the_restore(
    place: Place, operator: Operator
) -> None:
    scene = (await WAIT_GONE.held(place, "data")).scene
    with suspended(operator):
        await let_go(scene)
        await place.gone(CLAIMS, scene.name)
        await place.sandbox.kubectl(
            *("patch", "pv", scene.old_name, "--type=merge"),
            '-p={"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}',
        )
        await place.claim(scene.name, volumeName=scene.old_name)
    await scene.rolled_back()


async def test_a_claim_made_from_the_same_snapshot_is_taken_for_the_new_one(
    place: Place, operator: Operator
) -> None:
    scene = (await WAIT_GONE.held(place, "data")).scene
    source = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot"}
    source |= {"name": scene.snapshot["metadata"]["name"]}
    mine = await usurp(scene, operator, dataSource=source)
    restore = await scene.settled()
    assert restore["status"]["newClaim"] == mine["metadata"]["uid"]
