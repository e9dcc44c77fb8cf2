"""Two groups on one claim, a status that somebody strips, a group that is deleted and comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cluster.snapshots.watching import Witness
from support import groups as looks
from support.groups import BACKUPS, tier
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES
from holdfast.kube.client import PatchKind

if TYPE_CHECKING:
    from support.groups import Groups
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_two_groups_on_one_claim_know_of_each_other_and_a_restore_stops_both(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    await groups.make("one", tier("1 second", 30))
    await groups.make("two", tier("1 second"))
    await groups.said("SharedClaim", "AlsoIn", "one", saying="claim data is also in two")
    await groups.said("SharedClaim", "AlsoIn", "two", saying="claim data is also in one")
    await asyncio.gather(groups.ready(3, "one"), groups.ready(1, "two"))
    assert {s["metadata"]["name"].split("-")[0] for s in await groups.snapshots("one")} == {"one"}

    await place.pod("user")  # the restore waits for it
    target = max(await groups.ready(3, "one"), key=looks.slot)
    await place.restore(target["metadata"]["name"], group="one")
    await place.phase("Quiesce")
    await asyncio.gather(
        *(groups.state("Restoring", name, saying="restore restore") for name in ("one", "two"))
    )
    before = [looks.names(await groups.snapshots(name)) for name in ("one", "two")]
    await place.claim("other")
    await groups.make("other", tier("1 second"), claim="other")
    for _ in range(3):
        await groups.newer(await groups.snapshots("other"), "other")
    assert [looks.names(await groups.snapshots(name)) for name in ("one", "two")] == before

    await place.patch(VOLUME_RESTORES, "restore", {"spec": {"cancel": True}})
    await asyncio.gather(*(groups.state("Safe", name) for name in ("one", "two")))
    await groups.newer(await groups.snapshots("one"), "one")
    await place.delete(SNAPSHOT_GROUPS, "two")
    await groups.said("SharedClaim", "Alone", "one")


async def test_a_status_that_is_stripped_at_any_moment_costs_nothing(place: Place, groups: Groups) -> None:
    """Nothing that the schedule promises goes, no old annotation is executed, and the status is written again."""
    await place.claim("data")
    await groups.make(BACKUPS, tier("1 second", 2), retention={"readyWithin": "20s"})
    await place.annotate(BACKUPS, restore="1600000000")
    await until(lambda: requested(place, 1))
    await groups.ready(3)
    witness = Witness(place, 3, timedelta(seconds=19))
    await witness.look()
    for _ in range(8):
        newest = [s for s in witness.sights[BACKUPS].now if looks.is_ready(s)]
        strip = [{"op": "remove", "path": "/status"}]
        await place.client.patch(
            SNAPSHOT_GROUPS, BACKUPS, strip, place.namespace, kind=PatchKind.JSON, subresource="status"
        )
        await groups.newer(newest)
        await witness.look()
    await groups.state("Safe")
    await witness.look()
    sight = witness.sights[BACKUPS]
    assert (sight.lost, sight.crowds) == ([], [])
    assert await requested(place, 1)
    assert (await groups.get())["status"]["restore"]["observed"] == "1600000000"


async def requested(place: Place, count: int) -> bool:
    return len((await place.client.list(VOLUME_RESTORES, place.namespace)).items) == count


async def test_a_group_that_comes_back_under_its_name_takes_its_snapshots_up_again(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    await groups.make(BACKUPS, tier("1 second", 2))
    await groups.ready(3)
    await place.delete(SNAPSHOT_GROUPS, BACKUPS)
    await groups.make("other", tier("1 second"))
    for _ in range(3):
        await groups.newer(await groups.snapshots("other"), "other")
    left = [s for s in await groups.snapshots() if looks.is_ready(s)]
    assert len(left) >= 3

    await groups.make(BACKUPS, tier("1 second", 2), suspend=True)
    group = await groups.state("Paused")
    assert group["status"]["ready"] == len(left)
    assert all(s["metadata"]["annotations"][keys.GEMINI_GROUP] == BACKUPS for s in left)
    await groups.edit(suspend=False)
    await groups.newer(left)
    await place.gone(SNAPSHOTS, left[0]["metadata"]["name"])
    await groups.state("Safe")
