"""Whatever somebody does to a restore at any phase, it ends right: with the past in place, or with what was.

Each test holds restores in all phases at once, since they do not get into each other's way.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from cluster.claims.holding import (
    AFTER_DELETE,
    BEFORE_DELETE,
    ON_DEMAND,
    PREFLIGHT,
    QUIESCE,
    SAFETY,
    SETTLE,
    WAIT_GONE,
    free,
    held,
)
from support.places import Place

from holdfast.api.resource import NAMESPACES, SNAPSHOT_GROUPS, VOLUME_RESTORES, VOLUMES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cluster.claims.holding import Held
    from support.operators import Operator

pytestmark = pytest.mark.cluster

MERGE = {"Content-Type": "application/merge-patch+json"}


async def ask_for(several: list[Held], **spec: bool) -> None:
    for each in several:
        await each.scene.place.patch(VOLUME_RESTORES, each.scene.name, {"spec": spec})


async def delete_restores(several: list[Held]) -> None:
    for each in several:
        await each.scene.place.delete(VOLUME_RESTORES, each.scene.name)


async def delete_group(each: Held) -> None:
    await each.scene.place.delete(SNAPSHOT_GROUPS, each.scene.name)


async def strip_group(each: Held) -> None:
    path = SNAPSHOT_GROUPS.path(each.scene.place.namespace, each.scene.name, "status")
    await each.scene.place.client.request("PATCH", path, body={"status": None}, headers=MERGE)


async def test_a_restore_goes_on_without_its_group_its_status_and_its_operator(
    place: Place, operator: Operator
) -> None:
    holds = (*BEFORE_DELETE, *AFTER_DELETE)
    deleted, stripped = await asyncio.gather(held(place, holds, "deleted"), held(place, holds, "stripped"))
    operator.kill()
    await asyncio.gather(*map(delete_group, deleted), *map(strip_group, stripped))
    await operator.start()
    await free(*deleted, *stripped)
    await asyncio.gather(*(each.scene.settled() for each in (*deleted, *stripped)))
    restores = await place.client.list(VOLUME_RESTORES, place.namespace)
    assert len(restores.items) == 2 * len(holds)


async def test_before_the_claim_is_deleted_a_restore_can_be_called_off(place: Place) -> None:
    asked = await asyncio.gather(*(held(place, BEFORE_DELETE, n) for n in ("cancel", "back", "delete")))
    cancelled, rolled_back, deleted = asked
    await ask_for(cancelled, cancel=True)
    await ask_for(rolled_back, rollback=True)
    await delete_restores(deleted)
    for each in (*cancelled, *rolled_back):
        await each.scene.phase("Failed" if each.hold is PREFLIGHT else "RolledBack")
        await each.scene.assert_untouched()
    for each in deleted:
        await place.gone(VOLUME_RESTORES, each.scene.name)
        await each.scene.assert_untouched()
    await free(*cancelled, *rolled_back, *deleted)


async def test_after_the_claim_is_deleted_cancelling_and_deleting_let_it_finish(place: Place) -> None:
    cancelled, deleted = await asyncio.gather(*(held(place, AFTER_DELETE, n) for n in ("cancel", "delete")))
    await ask_for(cancelled, cancel=True)
    await delete_restores(deleted)
    await free(*cancelled, *deleted)
    await asyncio.gather(*(each.scene.settled() for each in cancelled))
    for each in deleted:
        await place.gone(VOLUME_RESTORES, each.scene.name)
        await each.scene.assert_restored()


async def test_after_the_claim_is_deleted_a_restore_can_be_rolled_back(place: Place) -> None:
    several = await held(place, AFTER_DELETE, "back")
    settled = next(each.scene for each in several if each.hold is SETTLE)
    new = await place.volume(settled.name)
    await ask_for(several, rollback=True)
    gone = next(each for each in several if each.hold is WAIT_GONE)
    await gone.scene.phase("RollingBack", saying="going away")
    await gone.free()
    await asyncio.gather(*(each.scene.rolled_back() for each in several))
    new = await place.get(VOLUMES, new["metadata"]["name"])
    assert new["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    await free(*(each for each in several if each.hold is not ON_DEMAND))


async def test_a_volume_that_a_rollback_replaced_goes_when_its_time_is_over(place: Place) -> None:
    (each,) = await held(place, [SETTLE], "back")
    new = await place.volume(each.scene.name)
    patch = {"spec": {"rollback": True, "keepOldVolumeFor": "1s"}}
    await place.patch(VOLUME_RESTORES, each.scene.name, patch)
    await each.scene.rolled_back()
    await each.scene.volume_gone(new)
    await each.scene.assert_returned()


@asynccontextmanager
async def another(place: Place, name: str) -> AsyncIterator[Place]:
    """A namespace besides."""
    namespace = f"{place.namespace[-10:]}-{name}".strip("-")
    await place.create(NAMESPACES, {"metadata": {"name": namespace}})
    try:
        yield Place(place.sandbox, place.client, namespace)
    finally:
        await place.sandbox.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


async def test_a_namespace_that_goes_in_the_middle_takes_everything_but_the_old_volume(place: Place) -> None:
    async with AsyncExitStack() as stack:
        several = []
        for hold in (QUIESCE, SAFETY, *AFTER_DELETE):
            there = await stack.enter_async_context(another(place, hold.name))
            several += await held(there, [hold], "data")
        for each in several:
            await place.delete(NAMESPACES, each.scene.place.namespace)
        await free(*(each for each in several if each.hold is not ON_DEMAND))
        for each in several:
            await place.gone(NAMESPACES, each.scene.place.namespace)
            await each.scene.assert_old_kept()
