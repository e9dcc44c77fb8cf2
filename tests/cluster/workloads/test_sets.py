"""The claims of one application go back together, or none of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cluster.claims.holding import FINALIZER
from cluster.claims.scenes import THEN
from cluster.workloads.applications import AUTO
from cluster.workloads.sets import began, whole
from support.waiting import until

from holdfast.api.resource import PODS, VOLUME_RESTORES

if TYPE_CHECKING:
    from support.operators import Operator
    from support.places import Place

pytestmark = pytest.mark.cluster
LONG_AGO = "2020-01-01T00:00:00Z"


async def finished(place: Place, name: str, claim: str) -> None:
    """A pod that used a claim and is over."""
    await place.pod(name, claim, nodeName="paper")

    async def running() -> bool:
        return bool((await place.get(PODS, name))["status"]["phase"] == "Running")

    await until(running)
    status = {"status": {"phase": "Succeeded"}}
    await place.client.patch(PODS, name, status, place.namespace, subresource="status")


async def test_all_go_back_to_their_data_and_one_of_them_scales(lively: Place) -> None:
    web = await whole(lively)
    await web.ask()
    first, *others = await web.settled()
    assert [w["name"] for w in first["status"]["workloads"]] == ["web"]
    assert not any(other["status"].get("workloads") for other in others)
    restores = [first, *others]
    assert max(began(restores, "Freeze")) <= min(began(restores, "Record"))
    assert max(began(restores, "SafetySnapshot")) <= min(began(restores, "Delete"))


async def test_claims_that_bind_on_demand_get_their_application_when_all_are_made(lively: Place) -> None:
    web = await whole(lively, 2, storageClassName="dir-wait")
    await web.ask()
    restores = await web.settled()
    assert max(began(restores, "Create")) <= min(began(restores, "WaitBound"))


async def test_the_others_say_who_stops_the_application(lively: Place) -> None:
    web = await whole(lively, 2)
    one, two = web.scenes
    await lively.patch(PODS, "web-1", {"metadata": {"finalizers": [FINALIZER]}})
    await web.ask()
    await two.phase("Quiesce", saying=f"claim {two.name}: web-1; restore {one.name} of its set stops them")
    await lively.patch(PODS, "web-1", {"metadata": {"finalizers": None}})
    await web.settled()


async def test_a_finished_pod_that_keeps_a_claim_is_named_before_the_application_is_stopped(
    lively: Place,
) -> None:
    web = await whole(lively, 2)
    one, two = web.scenes
    await finished(lively, "report", two.name)
    await web.ask()
    blocked = await one.phase("Quiesce", saying=f"keep claim {two.name}: report; `kubectl delete pod report`")
    assert any(c["type"] == "Blocked" and c["status"] == "True" for c in blocked["status"]["conditions"])
    assert not blocked["status"].get("workloads")
    assert await web.application.replicas() == 2
    await lively.end_pod("report")
    await web.settled()


async def test_nothing_is_touched_when_the_snapshot_of_one_is_missing(lively: Place) -> None:
    web = await whole(lively)
    one, two, three = web.scenes
    await web.ask(one, two)
    belongs = {"set": {"members": web.names}, "claim": three.name, "quiesce": AUTO}
    await lively.restore("nowhere", name=three.name, **belongs)
    for restore in await web.all("Failed", saying="snapshot nowhere does not exist"):
        assert "nothing was touched" in restore["status"]["message"]
        assert "Record" not in [p["phase"] for p in restore["status"]["phases"]]
    await web.assert_untouched()


async def test_nothing_is_touched_when_one_is_never_asked_for(lively: Place) -> None:
    web = await whole(lively, 2)
    one, two = web.scenes
    await web.ask(one)
    await one.phase("Requested", saying=f"restore {two.name} of its set has not been created")
    waited = {"status": {"phases": [{"phase": "Requested", "at": LONG_AGO}]}}
    await lively.client.patch(VOLUME_RESTORES, one.name, waited, lively.namespace, subresource="status")
    await one.phase("Failed", saying="for 5 minutes")
    await web.ask(two)
    await two.phase("Failed", saying="nothing was touched")
    await web.assert_untouched()


async def test_one_that_gets_no_volume_holds_up_all_and_all_go_back(lively: Place) -> None:
    web = await whole(lively)
    one, two, three = web.scenes
    full = lively.sandbox.faults.fill_pool(handle=await two.snapshot_handle())
    await web.ask()
    await two.phase("WaitBound", saying="it is Pending")
    await one.phase("Resume", saying=f"waits for restore {two.name} (WaitBound) of its set")
    await three.phase("Resume", saying=f"waits for restore {one.name}")
    assert await web.application.replicas() == 0
    await web.change(three, rollback=True)
    await web.rolled_back()
    lively.sandbox.faults.clear(full)
    restore = await two.phase("RolledBack")
    assert restore["status"]["reason"] == f"restore {three.name} of its set: asked for"


async def test_a_rollback_of_one_that_has_settled_takes_all_back(lively: Place) -> None:
    web = await whole(lively)
    await web.ask()
    await web.settled()
    await web.change(web.scenes[1], rollback=True)
    await web.rolled_back()


async def test_calling_one_off_calls_all_off(lively: Place) -> None:
    web = await whole(lively, 2)
    one, two = web.scenes
    fault = lively.sandbox.faults.never_ready(handle=two.old_handle)
    await web.ask()
    await one.phase("SafetySnapshot", saying=f"waits for restore {two.name}")
    await two.phase("SafetySnapshot", saying="to become ready")
    await web.change(two, cancel=True)
    await web.rolled_back()
    await web.assert_untouched()
    lively.sandbox.faults.clear(fault)


async def test_a_deleted_one_takes_all_back_and_the_application_with_them(lively: Place) -> None:
    web = await whole(lively, 2)
    one, two = web.scenes
    fault = lively.sandbox.faults.never_ready(handle=two.old_handle)
    await web.ask()
    await one.phase("SafetySnapshot", saying=f"waits for restore {two.name}")
    await lively.delete(VOLUME_RESTORES, one.name)
    await lively.gone(VOLUME_RESTORES, one.name)
    await two.phase("RolledBack")
    await web.assert_untouched()
    lively.sandbox.faults.clear(fault)


async def test_no_old_volume_goes_before_all_may_and_until_then_all_can_go_back(lively: Place) -> None:
    web = await whole(lively, 2)
    one, two = web.scenes
    await web.ask(one, keepOldVolumeFor="0s")
    await web.ask(two, keepOldVolumeFor="1h")
    await one.phase("Settle", saying=f"waits for restore {two.name} (Settle) of its set")
    await one.assert_old_kept()
    await web.change(one, rollback=True)
    await web.rolled_back()


async def test_old_volumes_go_together(lively: Place) -> None:
    web = await whole(lively, 2)
    await web.ask(keepOldVolumeFor="0s")
    await web.all("Done")
    for scene in web.scenes:
        await scene.volume_gone(scene.volume)
        assert await lively.read_data(scene.name) == THEN


async def test_a_journal_stays_for_as_long_as_the_others_may_ask_how_it_ended(lively: Place) -> None:
    web = await whole(lively, 2)
    one, two = web.scenes
    await web.ask()
    await web.settled()
    await lively.delete(VOLUME_RESTORES, two.name)
    await web.change(one, rollback=True)
    await lively.gone(VOLUME_RESTORES, two.name)
    await one.phase("RolledBack")
    for scene in web.scenes:
        await scene.assert_returned()
    await web.application.ready(2)


async def test_a_killed_operator_goes_on_with_all_of_them(lively: Place, operator: Operator) -> None:
    web = await whole(lively, 2)
    two = web.scenes[1]
    fault = lively.sandbox.faults.never_ready(handle=two.old_handle)
    await web.ask()
    await web.all("SafetySnapshot")
    operator.kill()
    lively.sandbox.faults.clear(fault)
    for snapshot in lively.sandbox.faults.snapshots():
        if snapshot.source == two.old_handle and not snapshot.ready:
            lively.sandbox.faults.make_ready(snapshot.id)
    await operator.start()
    await web.settled()


async def test_two_sets_of_the_same_claims_have_their_turns(lively: Place) -> None:
    web = await whole(lively, 2)
    await web.ask()
    again = [f"again-{name}" for name in web.names]
    for scene, name in zip(web.scenes, reversed(again), strict=True):
        of = {"claim": scene.name, "quiesce": AUTO, "set": {"members": again}}
        await lively.restore(scene.snapshot["metadata"]["name"], name=name, **of)
    await web.all("Settle")

    async def both() -> bool:
        found = [(await lively.get(VOLUME_RESTORES, name))["status"]["phase"] for name in again]
        return found == ["Settle", "Settle"]

    await until(both)
    await web.application.ready(2)


async def test_a_claim_that_is_twice_in_a_set_is_refused(lively: Place) -> None:
    web = await whole(lively, 1)
    (scene,) = web.scenes
    names = [scene.name, "twice"]
    await web.ask(set={"members": names})
    of = {"claim": scene.name, "set": {"members": names}}
    await lively.restore(scene.snapshot["metadata"]["name"], name="twice", **of)
    await scene.phase("Failed", saying=f"claim {scene.name} is in the set twice")
    await lively.phase("Failed", name="twice")
    await scene.assert_untouched()
