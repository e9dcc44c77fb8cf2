"""Whoever starts the application again in the midst of a restore is named, and nobody is overruled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cluster.workloads.applications import at_rest
from support import objects
from support.waiting import until

from holdfast.api.resource import AUTOSCALERS, DEPLOYMENTS, PODS, STATEFUL_SETS

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_an_operator_that_raises_it_again_is_named_and_so_is_an_autoscaler(lively: Place) -> None:
    web, fault = await at_rest(lively)
    target = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"}
    spec = {"scaleTargetRef": target, "maxReplicas": 5}
    await lively.create(AUTOSCALERS, objects.manifest(AUTOSCALERS, "web-size", spec=spec))
    await web.scale(2, by="kafka-operator")
    await web.blocked(
        "was scaled to 2 again by kafka-operator",
        "HorizontalPodAutoscaler web-size sizes it",
        "set it to 0 and the restore goes on",
        phase="Quiesce",
    )
    assert await web.replicas() == 2
    await web.ready(2)
    await web.scale(0)
    await web.released(fault)
    await web.scene.settled()
    await web.ready(2)


async def test_a_pod_that_comes_back_by_another_hand_is_named(lively: Place) -> None:
    web, fault = await at_rest(lively)
    await lively.create(PODS, objects.pod("again", web.scene.name))
    await web.blocked("pod again has no owner", "made by tests", phase="Quiesce")
    await lively.end_pod("again")
    await web.released(fault)
    await web.scene.settled()
    await web.ready(2)


async def test_a_pod_of_something_that_is_not_listed_is_named(lively: Place) -> None:
    web, fault = await at_rest(lively, listed=True)
    await lively.create(DEPLOYMENTS, objects.deployment("other", claim=web.scene.name))
    await web.blocked("of Deployment other came anew", "made by kube-controller-manager", phase="Quiesce")
    await lively.patch(DEPLOYMENTS, "other", {"spec": {"replicas": 0}})
    await web.released(fault)
    await web.scene.settled()
    await web.ready(2)


async def test_a_workload_that_was_made_anew_is_not_raised_and_that_is_said(lively: Place) -> None:
    web, fault = await at_rest(lively)
    await lively.delete(STATEFUL_SETS, "web")
    await lively.gone(STATEFUL_SETS, "web")
    await lively.create(STATEFUL_SETS, objects.stateful_set("web", replicas=0))
    await web.released(fault)
    await web.scene.phase("Settle", saying="web was deleted meanwhile (it had 2 replicas)")

    async def untouched() -> bool:
        return await web.replicas() == 0

    await until(untouched)
