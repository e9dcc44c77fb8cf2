"""Several restores of one claim: one after the other, and back in the order in which they can go back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cluster.claims.scenes import staged
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES, VOLUMES

if TYPE_CHECKING:
    from cluster.claims.scenes import Scene
    from support.places import Place

pytestmark = pytest.mark.cluster


async def ask(scene: Scene, name: str, **spec: str) -> None:
    snapshot = scene.snapshot["metadata"]["name"]
    await scene.place.restore(snapshot, name=name, claim=scene.name, **spec)


async def test_two_restores_of_a_claim_wait_for_each_other(place: Place) -> None:
    scene = await staged(place)
    await place.pod()
    await ask(scene, "one")
    await place.phase("Quiesce", name="one")
    await ask(scene, "two")
    await place.phase("Requested", name="two", saying="waits for restore one of the same claim")
    await place.end_pod()
    one = await place.phase("Settle", name="one")
    two = await place.phase("Settle", name="two")
    await scene.assert_restored()
    made = one["status"]["newVolume"]["name"]
    assert two["status"]["volume"]["name"] == made
    kept = await place.get(VOLUMES, made)
    assert kept["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


async def test_many_restores_asked_for_at_once_all_get_their_turn(place: Place) -> None:
    scene = await staged(place)
    names = [f"restore-{n}" for n in range(4)]
    await asyncio.gather(*(ask(scene, name) for name in names))
    restores = [await place.phase("Settle", name=name) for name in names]
    await scene.assert_restored()
    olds = {r["status"]["volume"]["name"] for r in restores}
    news = {r["status"]["newVolume"]["name"] for r in restores}
    assert len(olds) == len(news) == 4
    assert len(olds & news) == 3


async def test_restores_are_rolled_back_in_the_reverse_order(place: Place) -> None:
    scene = await staged(place)
    await ask(scene, "one")
    await place.phase("Settle", name="one")
    await ask(scene, "two")
    await place.phase("Settle", name="two")
    for name in ("one", "two"):
        await place.patch(VOLUME_RESTORES, name, {"spec": {"rollback": True}})
    await place.phase("RolledBack", name="two")
    await place.phase("RolledBack", name="one")
    await scene.assert_returned()


async def test_a_restore_freezes_every_group_of_the_claim(place: Place) -> None:
    scene = await staged(place)
    await place.group("other", claim="data", schedule=[{"every": "1 second", "keep": 1}])
    await until(lambda: _taken(place, "other"))
    await place.pod()
    await scene.ask()
    await scene.phase("Quiesce")
    for group in ("data", "other"):
        await until(lambda group=group: _frozen(place, group))  # type: ignore[misc]
    frozen = await _taken(place, "other")
    await place.end_pod()
    await scene.settled()
    assert len(frozen) < len(await until(lambda: _more(place, frozen)))


async def _taken(place: Place, group: str) -> list[str]:
    listed = await place.client.list(SNAPSHOTS, place.namespace, labels=f"{keys.GROUP}={group}")
    return [s["metadata"]["name"] for s in listed.items]


async def _more(place: Place, than: list[str]) -> list[str]:
    """The snapshots of the group by now with those of then, if there is a new one."""
    now = await _taken(place, "other")
    return sorted({*now, *than}) if set(now) - set(than) else []


async def _frozen(place: Place, group: str) -> bool:
    found = await place.get(SNAPSHOT_GROUPS, group)
    said = [c.get("message", "") for c in found["status"]["conditions"]]
    return any("restore data of claim data is at work" in message for message in said)
