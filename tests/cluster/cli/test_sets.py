"""Groups of several claims at the command line: looking, taking, going back together."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from support import objects
from support.waiting import until

from holdfast.api.resource import (
    CLAIMS,
    GROUP_SNAPSHOT_CLASSES,
    GROUP_SNAPSHOTS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    VOLUME_RESTORES,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cluster.cli.program import Program
    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster

RARELY = [{"cron": "0 0 29 2 *", "keep": 2}]
BY_LABEL = {"selector": {"matchLabels": {"app": "shop"}}}
ORDERS, USERS = "data-shop-0", "data-shop-1"


async def shop(place: Place, *names: str, data: str = "before") -> None:
    """Claims with a label and bytes."""
    labels = {"labels": {"app": "shop"}}
    await asyncio.gather(*(place.claim(name, data=data, metadata=labels) for name in names))


async def backed_up(place: Place, holdfast: Program) -> str:
    """Two claims with bytes, and a set of them, ready; its name."""
    await shop(place, ORDERS, USERS)
    await place.group(schedule=RARELY, persistentVolumeClaim=BY_LABEL)
    taken = await holdfast("group", "snapshot", "backups", "--wait")
    assert taken.code == 0, taken.err
    for name in (ORDERS, USERS):
        await place.write_data("after", name)
    described = (await holdfast("group", "describe", "backups", "-o", "json")).json
    (found,) = described["sets"]
    assert (found["ready"], sorted(found["snapshots"]), found["lacks"]) == (True, [ORDERS, USERS], [])
    return str(found["name"])


async def contents(place: Place) -> list[str]:
    return [await place.read_data(name) for name in (ORDERS, USERS)]


async def restores(place: Place) -> list[Manifest]:
    listed = await place.client.list(VOLUME_RESTORES, place.namespace)
    return sorted(listed.items, key=lambda r: str(r["metadata"]["name"]))


async def test_a_set_is_shown_as_one_with_its_spread(place: Place, holdfast: Program) -> None:
    await shop(place, ORDERS, USERS)
    await place.group(schedule=[{"every": "20 seconds"}], persistentVolumeClaim=BY_LABEL)

    async def safe() -> bool:
        return (await holdfast("group", "list")).rows[0][-1] == "Safe"

    await until(safe)
    assert "2 claims within " in (await holdfast("group", "list", "-o", "wide")).out
    shown = (await holdfast("group", "describe", "backups")).out
    assert f"claims of the selector: {ORDERS}, {USERS}, cut within " in shown
    assert "2/2" in shown
    coverage = {row[1]: row for row in (await holdfast("coverage")).rows}
    assert {coverage[name][2] for name in (ORDERS, USERS)} == {"Safe"}


async def test_a_set_goes_back_together_and_a_rollback_reaches_all(place: Place, holdfast: Program) -> None:
    name = await backed_up(place, holdfast)
    dry = await holdfast("group", "restore", "backups", "--to", "latest", "--dry-run")
    assert (dry.code, f"{ORDERS}: snapshot" in dry.out, f"{USERS}: snapshot" in dry.out) == (0, True, True)
    assert not await restores(place)
    done = await holdfast("group", "restore", "backups", "--to", name, "--wait")
    assert done.code == 0, done.err
    assert await contents(place) == ["before", "before"]
    asked = await restores(place)
    names = [r["metadata"]["name"] for r in asked]
    assert [r["spec"]["set"] for r in asked] == [{"members": names}] * 2
    assert {r["spec"]["point"] for r in asked} == {name}
    undone = await holdfast("group", "rollback", "backups", "--wait", "--json")
    assert undone.code == 0, undone.err
    assert {json.loads(line)["restore"] for line in undone.out.splitlines()} == set(names)
    assert await contents(place) == ["after", "after"]


async def test_a_set_is_deleted_as_a_whole_or_not_at_all(place: Place, holdfast: Program) -> None:
    await backed_up(place, holdfast)
    (found,) = (await holdfast("group", "describe", "backups", "-o", "json")).json["sets"]
    first, second = sorted(found["snapshots"].values())
    refused = await holdfast("snapshot", "delete", first, "--yes")
    assert (refused.code, f"would be of no use: {second}" in refused.err) == (4, True), refused.err
    deleted = await holdfast("snapshot", "delete", first, second, "--yes")
    assert deleted.code == 0, deleted.err
    await place.gone(SNAPSHOTS, second)


@pytest.fixture
async def group_class(place: Place) -> AsyncIterator[None]:
    """The driver of the shared cluster cuts several claims by one call, for as long as the test runs."""
    wanted = {"driver": "dir.csi.holdfast.dev", "deletionPolicy": "Delete"}
    await place.create(GROUP_SNAPSHOT_CLASSES, objects.manifest(GROUP_SNAPSHOT_CLASSES, "at-once", **wanted))
    yield
    await place.delete(GROUP_SNAPSHOT_CLASSES, "at-once")


@pytest.mark.usefixtures("group_class")
async def test_a_set_that_one_call_has_cut_is_shown_and_deleted_as_the_others(
    place: Place, holdfast: Program
) -> None:
    await shop(place, ORDERS, USERS)
    await place.group(schedule=[{"every": "1 second", "keep": 9}], persistentVolumeClaim=BY_LABEL)

    async def taken() -> dict[str, Any] | None:
        sets = (await holdfast("group", "describe", "backups", "-o", "json")).json["sets"]
        return next((each for each in sets if each["ready"]), None)

    found = await until(taken)
    assert (await holdfast("group", "pause", "backups")).code == 0
    assert "all claims are cut at once" in (await holdfast("group", "describe", "backups")).out
    assert await place.find(GROUP_SNAPSHOTS, found["name"])
    deleted = await holdfast("snapshot", "delete", *found["snapshots"].values(), "--yes")
    assert deleted.code == 0, deleted.err
    await place.gone(GROUP_SNAPSHOTS, found["name"])
    for name in found["snapshots"].values():
        await place.gone(SNAPSHOTS, name)


@pytest.mark.usefixtures("group_class")
async def test_a_set_by_hand_is_cut_by_one_call_and_goes_back(place: Place, holdfast: Program) -> None:
    name = await backed_up(place, holdfast)
    assert await place.find(GROUP_SNAPSHOTS, name)
    done = await holdfast("group", "restore", "backups", "--to", name, "--wait")
    assert done.code == 0, done.err
    assert await contents(place) == ["before", "before"]


async def test_cancelling_one_restore_of_a_set_is_cancelling_all(place: Place, holdfast: Program) -> None:
    name = await backed_up(place, holdfast)
    await place.pod("user", ORDERS)
    await place.pod("other", USERS)
    assert (await holdfast("group", "restore", "backups", "--to", name)).code == 0
    cancelled = await holdfast("group", "cancel", "backups", "--wait")
    assert cancelled.code == 0, cancelled.err
    assert await contents(place) == ["after", "after"]
    assert {r["spec"].get("cancel") for r in await restores(place)} == {True}
    for pod in ("user", "other"):
        await place.end_pod(pod)


async def test_claims_that_came_since_stay_and_those_that_went_can_be_made_again(
    place: Place, holdfast: Program
) -> None:
    name = await backed_up(place, holdfast)
    await shop(place, "data-shop-2", data="new")
    dry = await holdfast("group", "restore", "backups", "--to", name, "--dry-run")
    assert (dry.code, "data-shop-2 has no snapshot at this point: it stays as it is" in dry.out) == (0, True)
    await place.delete(CLAIMS, USERS)
    await place.gone(CLAIMS, USERS)
    refused = await holdfast("group", "restore", "backups", "--to", name)
    assert (refused.code, f"--claim {USERS} --to-pvc {USERS}" in refused.err) == (4, True)
    assert not await restores(place)
    which = await holdfast("group", "restore", "backups", "--to", name, "--to-pvc", "again")
    assert (which.code, "Say with --claim" in which.err) == (4, True)
    again = ("--to-pvc", "again", "--claim", USERS, "--storage-class", "dir")
    made = await holdfast("group", "restore", "backups", "--to", name, *again, "--wait")
    assert made.code == 0, made.err
    assert await place.read_data("again") == "before"


async def test_the_annotation_asks_for_all_of_a_set_and_says_when_there_is_none(
    place: Place, holdfast: Program
) -> None:
    name = await backed_up(place, holdfast)
    await place.annotate("backups", restore="1234567890")

    async def told() -> Manifest:
        group = await place.get(SNAPSHOT_GROUPS, "backups")
        assert "has no snapshot '1234567890'" in group["status"]["restore"]["message"]
        return group

    assert (await until(told))["status"]["restore"]["phase"] == "Failed"
    assert not await restores(place)
    await place.annotate("backups", restore=name.removeprefix("backups-"))

    async def done() -> bool:
        group = await place.get(SNAPSHOT_GROUPS, "backups")
        seen = group["status"]["restore"]
        return bool(seen["point"] == name and len(seen["names"]) == 2 and seen["phase"] == "Settle")

    await until(done)
    assert await contents(place) == ["before", "before"]


async def test_a_group_that_names_its_claims_twice_is_told_so(place: Place, holdfast: Program) -> None:
    both = BY_LABEL | {"statefulSet": "shop"}
    await place.create(SNAPSHOT_GROUPS, objects.group(schedule=RARELY, persistentVolumeClaim=both))

    async def said() -> bool:
        return "has selector and statefulSet: leave one" in (await holdfast("group", "list")).err

    await until(said)
