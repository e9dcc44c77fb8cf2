"""Restore drills on a real API server and CSI stack, with a real operator; nothing runs in pods here."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from support import drills, objects
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import (
    CLAIMS,
    CONTENTS,
    PODS,
    RESTORE_DRILLS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    VOLUMES,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster
BUSY = {"pod": {"image": "none"}}


@pytest.fixture
async def shop(place: Place) -> Place:
    """A group with one restore point."""
    await place.claim()
    await place.group()
    await place.group_snapshot("backups", 1600000000)
    return place


async def scratch(place: Place) -> Manifest:
    """The scratch claim that there is."""

    async def found() -> Manifest:
        listed = await place.client.list(CLAIMS, place.namespace, labels=keys.DRILL)
        claim: Manifest = listed.items[0]
        return claim

    return await until(found)


@asynccontextmanager
async def no_room(place: Place, point: str = "backups-1600000000") -> AsyncIterator[None]:
    """The driver has no room for a volume from the restore point."""
    content = (await place.ready(point))["status"]["boundVolumeSnapshotContentName"]
    handle = (await place.get(CONTENTS, content))["status"]["snapshotHandle"]
    full = place.sandbox.faults.fill_pool(handle=handle)
    try:
        yield
    finally:
        place.sandbox.faults.clear(full)


async def clean(place: Place) -> bool:
    return not await drills.leftovers(place)


async def test_a_snapshot_is_proven_to_bind_and_nothing_stays(shop: Place) -> None:
    before = await shop.get(CLAIMS, "data")
    await drills.create(shop)

    proven = await drills.run(shop)

    assert proven["result"] == "Proven", proven
    assert proven["snapshot"]["name"] == "backups-1600000000"
    assert "nobody looked at the data" in proven["message"]
    status = (await shop.get(RESTORE_DRILLS, drills.NAME))["status"]
    assert status["lastProven"]["snapshot"] == "backups-1600000000"
    assert "run" not in status
    assert not await drills.leftovers(shop)
    assert (await shop.get(CLAIMS, "data"))["metadata"]["uid"] == before["metadata"]["uid"]


async def test_the_scratch_claim_is_the_drills_own_and_has_the_data_of_the_snapshot(place: Place) -> None:
    await place.claim(data="then")
    await place.group()
    await place.group_snapshot("backups", 1600000000)
    await place.write_data("now")
    drill = await drills.create(place, check=BUSY)
    await drills.ask(place)
    await drills.phase(place, "Checking")

    claim = await scratch(place)

    name = claim["metadata"]["name"]
    assert claim["metadata"]["ownerReferences"][0]["uid"] == drill["metadata"]["uid"]
    assert claim["metadata"]["labels"][keys.OPT_OUT] == "true"
    assert await place.read_data(name) == "then"
    held = (await place.get(SNAPSHOTS, "backups-1600000000"))["metadata"]["labels"][keys.HOLD]
    assert held == f"drill-{drill['metadata']['uid']}"
    pod = await place.get(PODS, name)
    assert pod["spec"]["automountServiceAccountToken"] is False
    await place.end_pod(name)
    failed = await drills.result(place)
    assert failed["message"] == f"somebody deleted pod {name}"
    await until(lambda: clean(place))


BROKERS = ["data-queue-0", "data-queue-1"]


async def brokers(place: Place) -> list[str]:
    """A group of two claims with a ready set, in which each has its name as data; the set's snapshots."""
    for name in BROKERS:
        await place.claim(name, data=f"then {name}", metadata={"labels": {"app": "queue"}})
    labels = {"selector": {"matchLabels": {"app": "queue"}}}
    group = await place.create(SNAPSHOT_GROUPS, objects.group(persistentVolumeClaim=labels))
    taken = await place.group_set(group, 1600000000, BROKERS)
    for name in BROKERS:
        await place.write_data("now", name)
    return taken


async def test_a_set_is_restored_beside_everything_as_a_whole(place: Place) -> None:
    await brokers(place)
    drill = await drills.create(place, check={"pod": {"image": "none", "mountPath": "/brokers"}})
    await drills.ask(place)
    run = await drills.phase(place, "Checking")

    made = {part["claim"]: part["scratch"] for part in run["parts"]}
    assert made == {name: f"{run['scratch']}-{n}" for n, name in enumerate(BROKERS)}
    assert [await place.read_data(made[name]) for name in BROKERS] == [f"then {name}" for name in BROKERS]
    for part in run["parts"]:
        held = (await place.get(SNAPSHOTS, part["snapshot"]))["metadata"]["labels"][keys.HOLD]
        assert held == f"drill-{drill['metadata']['uid']}"
    pod = (await place.get(PODS, run["scratch"]))["spec"]
    paths = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    assert paths == {f"/brokers/{name}" for name in BROKERS}
    await place.end_pod(run["scratch"])
    await drills.result(place)
    await until(lambda: clean(place))


async def test_the_proof_of_a_set_names_its_claims(place: Place) -> None:
    await brokers(place)
    await drills.create(place)
    proven = await drills.run(place)
    assert proven["result"] == "Proven", proven
    assert "all claims were bound" in proven["message"]
    last = (await place.get(RESTORE_DRILLS, drills.NAME))["status"]["lastProven"]
    assert (last["snapshot"], last["claims"]) == ("backups-manual-1600000000", BROKERS)
    assert not await drills.leftovers(place)


async def test_a_set_that_lacks_a_snapshot_is_not_tried(place: Place) -> None:
    *_, last = await brokers(place)
    await place.delete(SNAPSHOTS, last)
    await place.gone(SNAPSHOTS, last)
    await drills.create(place)
    assert "group backups has no ready snapshot" in (await drills.run(place))["message"]


async def test_one_claim_of_a_set_that_gets_no_volume_fails_the_run(place: Place) -> None:
    *_, last = await brokers(place)
    async with no_room(place, last):
        await drills.create(place, timeout="2s")
        failed = await drills.run(place)
    assert failed["result"] == "Failed"
    assert "-1 had no volume within 2s" in failed["message"]
    await until(lambda: clean(place))


async def test_the_newest_ready_snapshot_is_tried_and_no_safety_snapshot(shop: Place) -> None:
    await shop.group_snapshot("backups", 1600000001)
    marks = {keys.GEMINI_RESTORE: "x", keys.GEMINI_GROUP: "backups", keys.GEMINI_MANAGED_BY: "gemini"}
    await shop.snapshot("backups-1600000002", annotations=marks | {keys.REQUEST: "x"})
    await drills.create(shop)
    assert (await drills.run(shop))["snapshot"]["name"] == "backups-1600000001"


async def test_a_schedule_runs_by_itself_and_keeps_so_many_results(shop: Place) -> None:
    await drills.create(shop, schedule={"every": "1 second"}, keep=2)

    async def several() -> Manifest:
        status = (await shop.get(RESTORE_DRILLS, drills.NAME))["status"]
        assert len(status["history"]) == 2, status
        newest, older = (each["slot"] for each in status["history"])
        assert newest > older
        assert status["next"]
        return status  # type: ignore[no-any-return]

    status = await until(several)
    assert {each["result"] for each in status["history"]} == {"Proven"}
    await shop.patch(RESTORE_DRILLS, drills.NAME, {"spec": {"suspend": True}})
    await until(lambda: clean(shop))


async def test_an_old_proof_is_overdue_until_there_is_a_new_one(shop: Place) -> None:
    await drills.create(shop, schedule={"every": "1 second"}, suspend=True)
    await drills.run(shop)
    long_ago = {"time": "2020-01-01T00:00:00Z", "started": "2020-01-01T00:00:00Z", "seconds": 1}
    await shop.client.patch(
        RESTORE_DRILLS,
        drills.NAME,
        {"status": {"lastProven": long_ago}},
        shop.namespace,
        subresource="status",
    )
    await shop.delete(SNAPSHOTS, "backups-1600000000")
    await shop.gone(SNAPSHOTS, "backups-1600000000")
    await drills.condition(shop, "Overdue", "False")
    await shop.patch(RESTORE_DRILLS, drills.NAME, {"spec": {"suspend": False}})
    await drills.condition(shop, "Overdue", "True", saying="last proven 2020-01-01T00:00:00Z")
    await shop.group_snapshot("backups", 1600000001)
    await drills.condition(shop, "Overdue", "False")


async def test_a_group_without_a_ready_snapshot_proves_nothing(place: Place) -> None:
    await place.claim()
    await place.group()
    await drills.create(place)
    failed = await drills.run(place)
    assert failed["result"] == "Failed"
    assert "group backups has no ready snapshot" in failed["message"]
    assert not await drills.leftovers(place)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"schedule": {"every": "fortnightly"}}, "'fortnightly'"),
        ({"timeout": "soon"}, "timeout: interval 'soon'"),
        ({"check": {"pod": {"image": "a"}, "manifest": {"secret": "b"}}}, "either pod or manifest"),
        ({"check": {"manifest": {}}}, "either configMap or secret"),
        ({"scratch": {"size": "much"}}, "scratch.size: 'much'"),
    ],
)
async def test_what_cannot_be_followed_is_said_and_not_run(shop: Place, spec: Manifest, said: str) -> None:
    await drills.create(shop, **spec)
    await drills.condition(shop, "Ready", "False", saying=said)
    failed = await drills.run(shop)
    assert failed["result"] == "Failed"
    assert said in failed["message"]


async def test_a_missing_group_is_named_until_it_is_there(place: Place) -> None:
    await place.claim()
    await drills.create(place)
    await drills.condition(place, "Ready", "False", saying="SnapshotGroup backups does not exist")
    await place.group()
    await drills.condition(place, "Ready", "True")


async def test_a_class_that_waits_for_a_pod_needs_a_check(shop: Place) -> None:
    await drills.create(shop, scratch={"storageClassName": "dir-wait"})
    assert "give check.pod or check.manifest" in (await drills.run(shop))["message"]


async def test_a_volume_on_retain_goes_with_its_scratch_claim(shop: Place) -> None:
    await drills.create(shop, scratch={"storageClassName": "dir-retain"}, check=BUSY)
    await drills.ask(shop)
    await drills.phase(shop, "Checking")
    name = (await scratch(shop))["metadata"]["name"]
    volume = (await shop.volume(name))["metadata"]["name"]
    await shop.end_pod(name)
    await drills.result(shop)
    await shop.gone(VOLUMES, volume)


async def test_a_claim_that_is_not_the_drills_is_left_alone(shop: Place) -> None:
    async with no_room(shop):
        await drills.create(shop)
        await drills.ask(shop)
        claim = await scratch(shop)
        name = claim["metadata"]["name"]
        await shop.patch(CLAIMS, name, {"metadata": {"labels": {keys.DRILL: "another"}}})
        failed = await drills.result(shop)
    assert "exists that is not this drill's; it was left alone" in failed["message"]
    there = await shop.get(CLAIMS, name)
    assert there["metadata"]["uid"] == claim["metadata"]["uid"]
    assert "deletionTimestamp" not in there["metadata"]


async def test_a_run_that_gets_no_volume_ends_when_its_time_is_over(shop: Place) -> None:
    async with no_room(shop):
        await drills.create(shop, timeout="2s")
        failed = await drills.run(shop)
    assert failed["result"] == "Failed"
    assert "had no volume within 2s" in failed["message"]
    await until(lambda: clean(shop))


async def test_a_snapshot_that_goes_away_meanwhile_is_the_result(shop: Place) -> None:
    async with no_room(shop):
        await drills.create(shop)
        await drills.ask(shop)
        await scratch(shop)
        await shop.delete(SNAPSHOTS, "backups-1600000000")
        failed = await drills.result(shop)
    assert failed["message"] == "snapshot backups-1600000000 went away before its data was restored"
    assert not (await shop.client.list(CLAIMS, shop.namespace, labels=keys.DRILL)).items


async def test_what_a_drill_made_goes_with_it_and_its_hold_too(shop: Place) -> None:
    await drills.create(shop, check=BUSY)
    await drills.ask(shop)
    await drills.phase(shop, "Checking")
    name = (await scratch(shop))["metadata"]["name"]
    await shop.delete(RESTORE_DRILLS, drills.NAME)

    async def going() -> bool:
        return "deletionTimestamp" in (await shop.get(PODS, name))["metadata"]

    await until(going)
    await shop.end_pod(name)
    await until(lambda: clean(shop))


async def test_what_an_operator_made_too_late_goes(shop: Place) -> None:
    drill = await drills.create(shop)
    await drills.run(shop)
    labels = {keys.DRILL: drill["metadata"]["uid"]}
    await shop.create(CLAIMS, objects.claim("proof-drill-1", metadata={"labels": labels}))
    await until(lambda: clean(shop))
    assert await shop.find(CLAIMS, "data")
