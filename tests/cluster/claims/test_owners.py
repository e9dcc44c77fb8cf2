"""Who owns a claim: a dead owner would take the new claim with it, a living one keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cluster.claims.scenes import staged
from support import objects

from holdfast.api.resource import CLAIMS, PODS, STATEFUL_SETS, VOLUME_RESTORES

if TYPE_CHECKING:
    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster


def reference(owner: Manifest, uid: str = "") -> Manifest:
    named = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"]}
    return named | {"uid": uid or owner["metadata"]["uid"]}


async def stateful_set(place: Place, name: str) -> Manifest:
    labels = {"matchLabels": {"app": name}}
    template: dict[str, Any] = {"metadata": {"labels": {"app": name}}}
    template["spec"] = {"containers": [{"name": "main", "image": "none"}]}
    spec = {"replicas": 0, "serviceName": name, "selector": labels, "template": template}
    return await place.create(STATEFUL_SETS, objects.manifest(STATEFUL_SETS, name, spec=spec))


async def test_living_owners_stay_and_dead_ones_are_dropped(place: Place) -> None:
    living, dying = await stateful_set(place, "living"), await stateful_set(place, "dying")
    owners = [reference(living), reference(dying)]
    scene = await staged(place, metadata={"ownerReferences": owners})
    await place.pod("user")
    await scene.ask()
    await scene.phase("Quiesce")
    await place.sandbox.kubectl(
        *("-n", place.namespace, "delete", "statefulset", "dying", "--cascade=orphan", "--wait=false")
    )
    await place.gone(STATEFUL_SETS, "dying")
    await stateful_set(place, "dying")
    await place.end_pod("user")
    await scene.settled()
    claim = await place.get(CLAIMS, "data")
    assert [o["uid"] for o in claim["metadata"]["ownerReferences"]] == [living["metadata"]["uid"]]


async def test_a_rolled_back_claim_has_no_dead_owners_either(place: Place) -> None:
    dead = await stateful_set(place, "dead")
    scene = await staged(place, metadata={"ownerReferences": [reference(dead)]})
    await place.pod("user")
    await scene.ask()
    await scene.phase("Quiesce")
    await place.sandbox.kubectl(
        *("-n", place.namespace, "delete", "statefulset", "dead", "--cascade=orphan", "--wait=false")
    )
    await place.gone(STATEFUL_SETS, "dead")
    await place.end_pod("user")
    await scene.settled()
    await place.patch(VOLUME_RESTORES, "data", {"spec": {"rollback": True}})
    await scene.rolled_back()
    assert "ownerReferences" not in (await place.get(CLAIMS, "data"))["metadata"]


async def test_a_claim_that_belongs_to_a_pod_is_refused(place: Place) -> None:
    pod = await place.create(PODS, objects.pod("owner", "other"))
    scene = await staged(place, metadata={"ownerReferences": [reference(pod)]})
    await scene.ask()
    restore = await scene.phase("Failed")
    assert "belongs to pod owner" in restore["status"]["reason"]
    assert "--to-pvc" in restore["status"]["reason"]
    await scene.assert_untouched()
