"""What cannot be scaled, or must not be, is refused before anything is touched; what may be, is scaled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from cluster.claims.scenes import Scene, staged
from cluster.workloads.applications import AUTO, Application, stateful
from cluster.workloads.granting import grant
from support import objects
from support.kubelets import kubelet
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import (
    CLAIMS,
    CRDS,
    DAEMON_SETS,
    DEPLOYMENTS,
    JOBS,
    NAMESPACES,
    PODS,
    STATEFUL_SETS,
    Resource,
)
from holdfast.kube import errors

if TYPE_CHECKING:
    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster

CLUSTERS = Resource("example.com", "v1", "clusters", "Cluster")


async def refused(scene: Scene, *said: str) -> None:
    """Wait until the scene's restore is refused with these words, and see that nothing was touched."""
    await scene.ask(quiesce=AUTO)
    restore = await scene.phase("Failed", saying="nothing was touched")
    for words in said:
        assert words in restore["status"]["reason"]
    await scene.assert_untouched()


async def has_pod(place: Place, claim: str) -> None:
    """Wait until a pod uses the claim."""

    async def found() -> bool:
        pods = await place.client.list(PODS, place.namespace)
        volumes = [v for pod in pods.items for v in pod["spec"].get("volumes", [])]
        return any(v.get("persistentVolumeClaim", {}).get("claimName") == claim for v in volumes)

    await until(found)


async def test_pods_that_could_not_be_brought_back_are_refused(lively: Place) -> None:
    bare, daemon, odd = await asyncio.gather(*(staged(lively, name) for name in ("bare", "daemon", "odd")))
    await lively.pod("alone", "bare")
    body = objects.deployment("everywhere", claim="daemon", resource=DAEMON_SETS)
    del body["spec"]["replicas"]
    await lively.create(DAEMON_SETS, body)
    owner = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": "odd", "controller": True}
    pod = objects.pod("owned", "odd")
    pod["metadata"]["ownerReferences"] = [owner | {"uid": odd.claim["metadata"]["uid"]}]
    await lively.create(PODS, pod)
    await has_pod(lively, "daemon")
    await refused(bare, "pod alone has no owner that would bring it back: stop it by hand", "made by tests")
    await refused(daemon, "DaemonSet everywhere cannot be scaled: keep it off the claim's node")
    await refused(odd, "PersistentVolumeClaim odd of pod owned cannot be scaled")


async def test_a_job_is_waited_for(lively: Place) -> None:
    scene = await staged(lively)
    body = objects.deployment("batch", claim="data", resource=JOBS)
    template = body["spec"]["template"]
    template["spec"]["restartPolicy"] = "Never"
    del template["metadata"]
    await lively.create(JOBS, body | {"spec": {"template": template}})
    await has_pod(lively, "data")
    await scene.ask(quiesce=AUTO)
    restore = await scene.phase("Quiesce", saying="waits for pods that use claim data: batch-")
    assert "workloads" not in restore["status"]
    await lively.client.delete(JOBS, "batch", lively.namespace, propagation="Background")
    await scene.settled()


async def test_a_set_that_deletes_claims_when_scaled_keeps_them_and_gets_its_policy_back(
    lively: Place,
) -> None:
    policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    web = await stateful(lively, persistentVolumeClaimRetentionPolicy=policy)
    other = await lively.get(CLAIMS, "data-web-1")
    await refused(web.scene, "rights are missing: patch statefulsets.apps")
    await web.scene.forget()
    await grant(lively, "apps", "statefulsets", verbs=("patch",))
    await web.asks()
    await web.scene.settled()
    await web.ready(2)
    assert (await web.get())["spec"]["persistentVolumeClaimRetentionPolicy"] == policy
    assert (await lively.get(CLAIMS, "data-web-1"))["metadata"]["uid"] == other["metadata"]["uid"]


async def test_another_namespace_has_to_grant_it(lively: Place) -> None:
    web = await stateful(lively)
    elsewhere = f"{lively.namespace[:50]}-op"
    await lively.create(NAMESPACES, objects.manifest(NAMESPACES, elsewhere))
    await lively.client.create(DEPLOYMENTS, objects.deployment("keeper"), elsewhere)
    async with kubelet(lively.client, elsewhere):
        keeper = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "keeper", "namespace": elsewhere}
        listed = {"mode": "List", "targets": [keeper, web.target()]}
        await web.asks(**listed)
        remedy = f"annotate it with {keys.MAY_BE_SCALED_FROM}={lively.namespace}"
        await web.scene.phase("Failed", saying=remedy)
        await web.scene.forget()
        notes = {"metadata": {"annotations": {keys.MAY_BE_SCALED_FROM: f"other, {lively.namespace}"}}}
        await lively.client.patch(DEPLOYMENTS, "keeper", notes, elsewhere)
        await web.asks(**listed)
        restore = await web.scene.settled()
    names = [(w["name"], w["namespace"]) for w in restore["status"]["workloads"]]
    assert names == [("keeper", elsewhere), ("web", lively.namespace)]
    await lively.delete(NAMESPACES, elsewhere)


async def test_what_is_listed_has_to_exist_and_to_have_a_scale(lively: Place) -> None:
    web = await stateful(lively)
    wrong = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "missing"},
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings"},
        {"apiVersion": "example.com/v9", "kind": "Nothing", "name": "x"},
    ]
    await web.asks(mode="List", targets=wrong)
    restore = await web.scene.phase("Failed")
    for words in ("missing does not exist", "settings has no scale", "the server has no kind Nothing"):
        assert words in restore["status"]["reason"]


async def test_a_custom_resource_is_scaled_if_it_is_above_and_the_right_is_granted(lively: Place) -> None:
    await clusters(lively)
    scene = await staged(lively, "data-web-0")
    top = await lively.create(CLUSTERS, objects.manifest(CLUSTERS, "kafka", spec={"replicas": 2}))
    named = {"apiVersion": CLUSTERS.api_version, "kind": "Cluster", "name": "kafka", "controller": True}
    body = objects.stateful_set("web", replicas=2)
    body["metadata"]["ownerReferences"] = [named | {"uid": top["metadata"]["uid"]}]
    await lively.create(STATEFUL_SETS, body)
    web = Application(scene, STATEFUL_SETS, "web")
    kafka = Application(scene, CLUSTERS, "kafka")
    await web.ready(2)
    await refused(scene, "rights are missing", "update clusters.example.com/scale")
    await scene.forget()
    await grant(lively, "example.com", "clusters", "clusters/scale", verbs=("get", "update"))
    await kafka.asks()
    await _follow(web, kafka, 0)
    await _follow(web, kafka, 2)
    restore = await scene.settled()
    assert [(w["kind"], w["replicas"]) for w in restore["status"]["workloads"]] == [("Cluster", 2)]


async def _follow(web: Application, kafka: Application, replicas: int) -> None:
    """What the operator of the custom resource does."""

    async def wanted() -> bool:
        return await kafka.replicas() == replicas

    await until(wanted)
    await web.scale(replicas, by="cluster-operator")
    await web.ready(replicas)
    count = {"status": {"replicas": replicas}}
    place = kafka.place
    await place.client.patch(CLUSTERS, kafka.name, count, place.namespace, subresource="status")


async def clusters(place: Place) -> None:
    """A kind with a scale."""
    counts = {"type": "object", "properties": {"replicas": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"spec": counts, "status": counts}}
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    version: Manifest = {"name": "v1", "served": True, "storage": True}
    version |= {"schema": {"openAPIV3Schema": schema}, "subresources": {"scale": scale, "status": {}}}
    names = {"kind": "Cluster", "plural": "clusters", "singular": "cluster"}
    spec: dict[str, Any] = {"group": "example.com", "scope": "Namespaced", "names": names}
    body = objects.manifest(CRDS, "clusters.example.com", spec=spec | {"versions": [version]})
    try:
        await place.create(CRDS, body)
    except errors.AlreadyExists:
        return
    served = Resource("example.com", "v1", "clusters", "Cluster")

    async def listed() -> bool:
        await place.client.list(served, place.namespace)
        return True

    await until(listed)
