"""A claim gets the volume of a snapshot, stays what it was otherwise, and its old volume goes in the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cluster.claims.scenes import STAMP, asked_by, staged

from holdfast.api import keys
from holdfast.api.quantity import parse_size
from holdfast.api.resource import CLAIMS, SNAPSHOT_GROUPS, VOLUME_RESTORES, VOLUMES

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster

HELM = {"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "db-1.2.3", "team": "a"}
NOTES = {"meta.helm.sh/release-name": "db", "meta.helm.sh/release-namespace": "prod", "note": "ours"}


async def test_a_changed_annotation_brings_the_data_back(place: Place) -> None:
    scene = await staged(place)
    await place.annotate(scene.name, restore=str(STAMP))
    name = await asked_by(scene)
    await place.phase("Settle", name=name)
    await scene.assert_restored()
    restore = await place.get(VOLUME_RESTORES, name)
    safety = restore["status"]["safety"]["name"]
    assert (await place.ready(safety))["spec"]["source"]["persistentVolumeClaimName"] == scene.name
    group = await place.get(SNAPSHOT_GROUPS, scene.name)
    assert group["metadata"]["annotations"][keys.GEMINI_RESTORE] == str(STAMP)


async def test_the_claim_stays_what_it_was(place: Place) -> None:
    scenes = await asyncio.gather(
        staged(place, "plain", metadata={"labels": HELM, "annotations": NOTES}),
        staged(place, "kept", storageClassName="dir-retain"),
        staged(place, "block", volumeMode="Block"),
        staged(place, "many", accessModes=["ReadWriteOnce", "ReadOnlyMany"], size="3Mi"),
    )
    await asyncio.gather(*(scene.ask() for scene in scenes))
    await asyncio.gather(*(scene.settled() for scene in scenes))
    for scene in scenes:
        claim = await place.get(CLAIMS, scene.name)
        for field in ("accessModes", "storageClassName", "volumeMode", "resources"):
            assert claim["spec"][field] == scene.claim["spec"][field]
    plain = await place.get(CLAIMS, "plain")
    assert plain["metadata"]["labels"] == HELM
    assert plain["metadata"]["annotations"].items() >= NOTES.items()
    assert [s.policy for s in scenes] == ["Delete", "Retain", "Delete", "Delete"]


async def test_a_snapshot_that_needs_more_room_gets_a_larger_claim(place: Place) -> None:
    await place.claim("data", data="then")
    handle = (await place.volume("data"))["spec"]["csi"]["volumeHandle"]
    fault = place.sandbox.faults.report_bigger(5 << 20, handle=handle)
    try:
        await place.snapshot("large")
    finally:
        place.sandbox.faults.clear(fault)
    await place.write_data("now")
    old = await place.volume()
    await place.restore("large")
    await place.phase("Settle")
    claim = await place.bound(other_than=old["metadata"]["name"])
    assert parse_size(claim["spec"]["resources"]["requests"]["storage"]) == 6 << 20
    assert parse_size(claim["status"]["capacity"]["storage"]) == 6 << 20
    assert await place.read_data() == "then"


async def test_a_claim_that_binds_on_demand_is_bound_by_the_pod_that_comes_back(place: Place) -> None:
    scene = await staged(place, "lazy", storageClassName="dir-wait")
    await scene.ask()
    restore = await scene.phase("WaitBound", saying="start the application")
    phases = [p["phase"] for p in restore["status"]["phases"]]
    assert phases[-2:] == ["Resume", "WaitBound"]
    await scene.assert_old_kept()
    await place.pod("back", "lazy")
    await scene.settled()


async def test_the_old_volume_goes_when_its_time_is_over(place: Place) -> None:
    scenes = await asyncio.gather(
        staged(place, "brief"), staged(place, "kept", storageClassName="dir-retain"), staged(place, "lost")
    )
    brief, kept, lost = scenes
    await asyncio.gather(*(scene.ask(keepOldVolumeFor="3s") for scene in scenes))
    await asyncio.gather(*(scene.phase("Settle") for scene in scenes))
    await place.delete(CLAIMS, lost.name)
    await asyncio.gather(brief.phase("Done"), kept.phase("Done"))
    await brief.volume_gone(brief.volume)
    assert (await place.volume("brief"))["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    still = await place.get(VOLUMES, kept.old_name)
    assert (still["status"]["phase"], still["spec"]["persistentVolumeReclaimPolicy"]) == (
        "Released",
        "Retain",
    )
    await lost.phase("Settle", saying=f"keeps volume {lost.old_name}")
    await lost.assert_old_kept()


async def test_the_safety_snapshot_is_left_out_only_on_request(place: Place) -> None:
    scene = await staged(place)
    await scene.ask(skipSafetySnapshot=True)
    restore = await scene.settled()
    assert "SafetySnapshot" not in [p["phase"] for p in restore["status"]["phases"]]


async def test_every_phase_is_written_down_before_it_acts(place: Place) -> None:
    scene = await staged(place)
    await scene.ask(keepOldVolumeFor="0s")
    restore = await scene.phase("Done")
    phases = [p["phase"] for p in restore["status"]["phases"]]
    assert phases == [
        *("Preflight", "Freeze", "Record", "Retain", "Quiesce", "SafetySnapshot", "Delete", "WaitGone"),
        *("Create", "WaitBound", "Resume", "Settle", "Done"),
    ]
    times = [p["at"] for p in restore["status"]["phases"]]
    assert times == sorted(times)
    assert restore["status"]["claim"]["uid"] == scene.claim["metadata"]["uid"]
    assert restore["status"]["claim"]["manifest"]["spec"] == scene.claim["spec"]
