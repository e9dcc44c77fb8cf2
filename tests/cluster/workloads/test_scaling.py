"""A restore stops the application of its claim by itself, and has it running again before it settles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from cluster.claims.holding import FINALIZER
from cluster.claims.scenes import STAMP, asked_by, staged
from cluster.workloads.applications import AUTO, Application, at_rest, changes, stateful
from support import objects
from support.kubelets import kubelet
from support.waiting import until

from holdfast.api.resource import DEPLOYMENTS, PODS, SNAPSHOT_GROUPS, VOLUME_RESTORES

if TYPE_CHECKING:
    from support.operators import Operator
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_a_stateful_set_goes_down_and_comes_back_with_the_data(lively: Place) -> None:
    web = await stateful(lively)
    before = await lively.get(PODS, "web-0")
    await web.asks()
    restore = await web.scene.settled()
    await web.ready(2)
    assert (await lively.get(PODS, "web-0"))["metadata"]["uid"] != before["metadata"]["uid"]
    (record,) = restore["status"]["workloads"]
    assert (record["kind"], record["replicas"], record["state"]) == ("StatefulSet", 2, "Up")
    assert [p["phase"] for p in restore["status"]["phases"]][-2:] == ["Resume", "Settle"]


async def test_a_deployment_is_found_through_its_replica_set(lively: Place) -> None:
    scene = await staged(lively)
    await lively.create(DEPLOYMENTS, objects.deployment("shop", claim="data", replicas=3))
    shop = Application(scene, DEPLOYMENTS, "shop")
    await shop.ready(3)
    await shop.asks()
    await scene.settled()
    await shop.ready(3)
    assert (await shop.record())["kind"] == "Deployment"


async def test_a_group_says_how_its_restores_stop_the_application(lively: Place) -> None:
    web = await stateful(lively)
    await lively.patch(SNAPSHOT_GROUPS, web.scene.name, {"spec": {"quiesce": AUTO}})
    await lively.annotate(web.scene.name, restore=str(STAMP))
    await lively.phase("Settle", name=await asked_by(web.scene))
    await web.scene.assert_restored()
    await web.ready(2)


async def test_a_claim_that_binds_on_demand_gets_its_application_first(lively: Place) -> None:
    web = await stateful(lively, wanted={"storageClassName": "dir-wait"})
    await web.asks()
    restore = await web.scene.settled()
    await web.ready(2)
    phases = [p["phase"] for p in restore["status"]["phases"]]
    assert phases[-4:] == ["Resume", "WaitBound", "Resume", "Settle"]


async def test_nothing_settles_before_the_application_is_ready(place: Place) -> None:
    async with kubelet(place.client, place.namespace):
        web = await stateful(place)
        fault = place.sandbox.faults.fill_pool(handle=await web.scene.snapshot_handle())
        await web.asks()
        await web.scene.phase("WaitBound")
    place.sandbox.faults.clear(fault)
    await web.scene.phase("Resume", saying="0 of 2 ready")
    await place.patch(VOLUME_RESTORES, web.scene.name, {"spec": {"quiesce": {"timeout": "1s"}}})
    await web.blocked("look at its pods")
    async with kubelet(place.client, place.namespace):
        await web.scene.settled()


async def test_calling_it_off_brings_the_application_back(lively: Place) -> None:
    web, fault = await at_rest(lively)
    await lively.patch(VOLUME_RESTORES, web.scene.name, {"spec": {"cancel": True}})
    await web.scene.rolled_back()
    await web.scene.assert_untouched()
    await web.ready(2)
    lively.sandbox.faults.clear(fault)


async def test_a_rollback_stops_the_application_again_and_brings_it_back(lively: Place) -> None:
    web = await stateful(lively)
    await web.asks()
    await web.scene.settled()
    await web.scale(3)
    await web.ready(3)
    await lively.patch(VOLUME_RESTORES, web.scene.name, {"spec": {"rollback": True}})
    await web.scene.rolled_back()
    await web.ready(3)


async def test_a_killed_operator_knows_what_to_bring_back(lively: Place, operator: Operator) -> None:
    web, fault = await at_rest(lively)
    await operator.restart()
    await web.released(fault)
    await web.scene.settled()
    await web.ready(2)


async def test_a_restore_that_is_deleted_brings_the_application_back(lively: Place) -> None:
    web, fault = await at_rest(lively)
    await lively.delete(VOLUME_RESTORES, web.scene.name)
    await lively.gone(VOLUME_RESTORES, web.scene.name)
    await web.ready(2)
    await web.scene.assert_untouched()
    lively.sandbox.faults.clear(fault)


async def test_a_size_that_somebody_gives_it_meanwhile_is_kept(lively: Place) -> None:
    web = await stateful(lively)
    fault = lively.sandbox.faults.fill_pool(handle=await web.scene.snapshot_handle())
    await web.asks()
    await web.scene.phase("WaitBound")
    await web.scale(1, by="carol")
    lively.sandbox.faults.clear(fault)
    restore = await web.scene.phase("Settle", saying="stays at the 1 replicas that carol gave it (it had 2)")
    assert restore["status"]["workloads"][0]["state"] == "Left"
    await web.ready(1)


async def test_what_does_not_get_quiet_in_time_goes_back(lively: Place) -> None:
    web = await stateful(lively)
    pod = await lively.get(PODS, "web-0")
    await lively.patch(PODS, "web-0", {"metadata": {"finalizers": [FINALIZER]}})
    await web.asks(mode="Auto", timeout="1s")
    restore = await web.scene.phase(
        "RolledBack", saying="not quiet in time: waits for the pods of StatefulSet"
    )
    await lively.patch(PODS, "web-0", {"metadata": {"finalizers": None}})

    async def another() -> bool:
        return bool((await lively.get(PODS, "web-0"))["metadata"]["uid"] != pod["metadata"]["uid"])

    await until(another)
    await web.ready(2)
    assert restore["status"]["workloads"][0]["state"] == "Up"


async def test_listed_ones_go_down_in_order_and_come_back_in_reverse(lively: Place) -> None:
    """The operator's last pod may still act while it ends, and its Deployment does not count it any more."""
    web = await stateful(lively)
    await lively.create(DEPLOYMENTS, objects.deployment("keeper"))
    keeper = Application(web.scene, DEPLOYMENTS, "keeper")
    await keeper.ready(1)
    pod = (await lively.client.list(PODS, lively.namespace, labels="app=keeper")).items[0]["metadata"]["name"]
    await lively.patch(PODS, pod, {"metadata": {"finalizers": [FINALIZER]}})
    async with changes(lively) as seen:
        await web.asks(mode="List", targets=[keeper.target(), web.target()])
        await until(partial(uncounted, keeper))
        await web.scene.phase("Quiesce", saying=f"pods of Deployment {lively.namespace}/keeper to end")
        assert await web.replicas() == 2
        await lively.patch(PODS, pod, {"metadata": {"finalizers": None}})
        await web.scene.settled()
        await until(seen.of("keeper", "Up"))
    assert seen.order("Down", "Up") == [("keeper", "Down"), ("web", "Down"), ("web", "Up"), ("keeper", "Up")]
    await web.ready(2)
    await keeper.ready(1)


async def uncounted(application: Application) -> bool:
    """Whether it says that it has no pods."""
    return not (await application.get())["status"].get("replicas")
