"""Nothing is let go while anybody may still write to the claim, and the wait says who that is."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from cluster.claims.holding import SAFETY, has_unready
from cluster.claims.scenes import staged
from support import objects
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import ATTACHMENTS, CLAIMS, PODS, SNAPSHOTS, VOLUME_RESTORES, VOLUMES
from holdfast.kube.client import PatchKind

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_pods_that_use_the_claim_are_named_and_waited_for(place: Place) -> None:
    scene = await staged(place)
    await place.pod("one")
    await place.pod("two", nodeName="paper")
    await scene.ask()
    await scene.phase("Quiesce", saying="one, two; scale their workload to 0")
    await place.end_pod("one")
    await scene.phase("Quiesce", saying="claim data: two;")
    await place.end_pod("two")
    await scene.settled()


async def test_a_finished_pod_would_keep_the_claim_and_is_named_before_that_is_deleted(place: Place) -> None:
    scene = await staged(place)
    await place.pod("job", nodeName="paper")
    status = {"status": {"phase": "Succeeded"}}
    await place.client.patch(PODS, "job", status, place.namespace, subresource="status")
    await scene.ask()
    await scene.phase("Quiesce", saying="keep claim data: job; `kubectl delete pod job`")
    await place.end_pod("job")
    await scene.settled()


async def test_a_volume_that_is_still_attached_is_waited_for(place: Place) -> None:
    scene = await staged(place)
    source = {"persistentVolumeName": scene.old_name}
    spec = {"attacher": "example.com", "nodeName": "paper", "source": source}
    await place.create(ATTACHMENTS, objects.manifest(ATTACHMENTS, f"at-{place.namespace}", spec=spec))
    await scene.ask()
    await scene.phase("Quiesce", saying=f"volume {scene.old_name} to be detached from paper")
    await place.delete(ATTACHMENTS, f"at-{place.namespace}")
    await scene.settled()


async def test_a_pod_that_comes_back_during_the_safety_snapshot_makes_that_be_taken_anew(
    place: Place,
) -> None:
    held = await SAFETY.held(place, "back")
    first = (await held.scene.phase("SafetySnapshot", saying="to become ready"))["status"]["safety"]["name"]
    await place.pod("again", held.scene.name)
    await held.scene.phase("Quiesce", saying="again")
    await place.write_data("written by that pod", held.scene.name)
    await held.free()
    await place.ready(first)
    await place.end_pod("again")
    restore = await held.scene.phase("Settle")
    safety = restore["status"]["safety"]["name"]
    assert safety != first
    await place.claim("look", dataSource=_source(safety))
    assert await place.read_data("look") == "written by that pod"


async def test_an_earlier_safety_snapshot_is_not_taken_for_a_new_one_of_the_same_second(place: Place) -> None:
    scene = await staged(place)
    await place.pod("user")
    await scene.ask()
    request = (await scene.phase("Quiesce", saying="user"))["metadata"]["uid"]
    notes = {keys.REQUEST: request}
    names = [f"data-{int(time.time()) + seconds}" for seconds in range(10)]
    await asyncio.gather(*(place.snapshot(name, annotations=notes) for name in names))
    await place.write_data("written later")
    await place.end_pod("user")
    safety = (await scene.phase("Settle"))["status"]["safety"]["name"]
    assert safety not in names
    await place.claim("look", dataSource=_source(safety))
    assert await place.read_data("look") == "written later"


def _source(snapshot: str) -> dict[str, str]:
    return {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": snapshot}


async def test_snapshots_that_are_being_taken_are_waited_for(place: Place) -> None:
    scene = await staged(place)
    fault = place.sandbox.faults.never_ready(handle=scene.old_handle)
    await place.snapshot("late", ready=False)
    await until(lambda: has_unready(scene))
    await scene.ask()
    await scene.phase("Preflight", saying="late")
    place.sandbox.faults.clear(fault)
    for snapshot in place.sandbox.faults.snapshots():
        if snapshot.source == scene.old_handle and not snapshot.ready:
            place.sandbox.faults.make_ready(snapshot.id)
    await scene.settled()


async def test_a_claim_that_somebody_deletes_meanwhile_comes_back_with_its_volume(place: Place) -> None:
    scene = await staged(place)
    await place.pod("user", nodeName="paper")
    await scene.ask()
    await scene.phase("Quiesce", saying="user")
    await place.delete(CLAIMS, "data")
    await scene.phase("RollingBack")
    await place.end_pod("user")
    restore = await scene.rolled_back()
    assert "deleted by somebody else" in restore["status"]["reason"]


async def test_an_old_volume_that_was_given_to_somebody_else_is_not_taken_from_them(place: Place) -> None:
    scene = await staged(place)
    await scene.ask()
    await scene.settled()
    patch = [
        {"op": "replace", "path": "/spec/claimRef", "value": {"namespace": place.namespace, "name": "look"}}
    ]
    await place.client.patch(VOLUMES, scene.old_name, patch, kind=PatchKind.JSON)
    await place.claim("look", bound=False, volumeName=scene.old_name)
    await place.bound("look")
    await place.patch(VOLUME_RESTORES, "data", {"spec": {"rollback": True}})
    restore = await scene.phase("RollingBack", saying=f"given to claim {place.namespace}/look")
    assert _blocked(restore)
    assert (await place.volume("look"))["metadata"]["name"] == scene.old_name
    assert await place.read_data() == "then"


def _blocked(restore: objects.Manifest) -> bool:
    conditions = restore["status"]["conditions"]
    return any(c["type"] == "Blocked" and c["status"] == "True" for c in conditions)
