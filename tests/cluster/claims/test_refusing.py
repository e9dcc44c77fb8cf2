"""What cannot end well is refused before anything is touched, with the reason and the remedy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cluster.claims.scenes import STAMP, Scene, asked_by, staged
from support import objects
from support.waiting import until

from holdfast.api.resource import (
    CLAIMS,
    CONTENTS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    STORAGE_CLASSES,
    VOLUME_RESTORES,
    Resource,
)
from holdfast.kube import errors

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster

QUOTAS = Resource("", "v1", "resourcequotas", "ResourceQuota")
LIMITS = Resource("", "v1", "limitranges", "LimitRange")


async def refused(scene: Scene, *said: str, snapshot: str = "") -> None:
    """Wait until the scene's restore is refused, and see that nothing was touched."""
    restore = await scene.phase("Failed", saying="nothing was touched")
    for words in said:
        assert words in restore["status"]["reason"]
    assert [p["phase"] for p in restore["status"]["phases"]] == ["Preflight", "Failed"]
    await scene.assert_untouched()
    if snapshot:
        assert await scene.place.get(SNAPSHOTS, snapshot)


async def ask(scene: Scene, snapshot: str, **spec: str) -> None:
    await scene.place.restore(snapshot, name=scene.name, claim=scene.name, **spec)


async def test_a_mistyped_restore_point_is_refused(place: Place) -> None:
    scene = await staged(place)
    await place.annotate("data", restore=f"{STAMP}9")
    name = await asked_by(scene)
    restore = await place.phase("Failed", name=name, saying=f"snapshot data-{STAMP}9 does not exist")
    assert "holdfast snapshot list" in restore["status"]["message"]
    await scene.assert_untouched()

    async def mirrored() -> bool:
        group = await place.get(SNAPSHOT_GROUPS, "data")
        return bool(group["status"]["restore"]["phase"] == "Failed")

    await until(mirrored)
    await place.annotate("data", restore=str(STAMP))
    await place.phase("Settle", name=await until(lambda: _another(scene, name)))
    await scene.assert_restored()


async def _another(scene: Scene, than: str) -> str:
    name = await asked_by(scene)
    return name if name != than else ""


async def test_snapshots_that_do_not_fit_are_refused(place: Place) -> None:
    names = ("unready", "group", "claim", "leaving", "grace", "negative")
    scenes = dict(zip(names, await asyncio.gather(*(staged(place, n) for n in names)), strict=True))
    good = {name: f"{name}-{STAMP}" for name in names}
    await place.snapshot("held", "leaving", finalizers=["example.com/hold"])
    await place.delete(SNAPSHOTS, "held")
    await ask(scenes["leaving"], "held")
    fault = place.sandbox.faults.never_ready(handle=scenes["unready"].old_handle)
    await place.snapshot("late", "unready", ready=False)
    await ask(scenes["unready"], "late")
    await ask(scenes["group"], good["group"], group="another")
    await ask(scenes["claim"], good["group"])
    await ask(scenes["grace"], good["grace"], keepOldVolumeFor="tomorrow")
    await ask(scenes["negative"], good["negative"], keepOldVolumeFor="-2h")
    await refused(scenes["leaving"], "snapshot held is being deleted", "choose another")
    await refused(scenes["unready"], "snapshot late is not ready", "wait or choose another")
    await refused(scenes["group"], "belongs to SnapshotGroup group, not to another")
    await refused(scenes["claim"], "was taken of claim group, not of claim")
    await refused(scenes["grace"], "keepOldVolumeFor", "tomorrow", "10 minutes")
    await refused(scenes["negative"], "keepOldVolumeFor: -2h", "0s or more")
    place.sandbox.faults.clear(fault)
    body = {"metadata": {"finalizers": None}}
    await place.patch(SNAPSHOTS, "held", body)


async def test_a_snapshot_of_another_driver_or_mode_is_refused(place: Place) -> None:
    driver, mode, gone = await asyncio.gather(
        staged(place, "driver"), staged(place, "mode", volumeMode="Block"), staged(place, "gone")
    )
    content = mode.snapshot["status"]["boundVolumeSnapshotContentName"]
    await place.patch(CONTENTS, content, {"metadata": {"labels": {"seen": "yes"}}})
    handle = await driver.snapshot_handle()
    await foreign_snapshot(place, "foreign", "other.example.com", handle, "Filesystem")
    await foreign_snapshot(place, "files", "dir.csi.holdfast.dev", await mode.snapshot_handle(), "Filesystem")
    await ask(driver, "foreign")
    await ask(mode, "files")
    await refused(driver, "made by driver other.example.com", "StorageClass dir provisions with dir.csi")
    await refused(mode, "volume mode Filesystem, claim mode has Block", "allow-volume-mode-change=true")
    assert gone


async def foreign_snapshot(place: Place, name: str, driver: str, handle: str, mode: str) -> None:
    """A snapshot that was brought in from elsewhere, said to be ready."""
    reference = {"kind": "VolumeSnapshot", "name": name, "namespace": place.namespace}
    full = f"{place.namespace}-{name}"
    spec = {
        "driver": driver,
        "deletionPolicy": "Retain",
        "source": {"snapshotHandle": handle},
        "sourceVolumeMode": mode,
        "volumeSnapshotRef": reference,
    }
    await place.create(CONTENTS, objects.manifest(CONTENTS, full, spec=spec))
    source = {"volumeSnapshotContentName": full}
    await place.create(SNAPSHOTS, objects.manifest(SNAPSHOTS, name, spec={"source": source}))

    async def bound() -> bool:
        snapshot = await place.get(SNAPSHOTS, name)
        return bool(snapshot.get("status", {}).get("boundVolumeSnapshotContentName"))

    await until(bound)
    ready = {"status": {"readyToUse": True}}
    await place.client.patch(SNAPSHOTS, name, ready, place.namespace, subresource="status")


async def test_claims_that_have_no_volume_to_exchange_are_refused(place: Place) -> None:
    scene = await staged(place, "good")
    snapshot = scene.snapshot["metadata"]["name"]
    await place.claim("pending", bound=False, storageClassName="dir-wait")
    await place.claim("leaving", metadata={"finalizers": ["example.com/hold"]})
    await place.delete(CLAIMS, "leaving")
    for name in ("missing", "pending", "leaving"):
        await place.restore(snapshot, name=name, claim=name)
    for name, *said in (
        ("missing", "claim missing does not exist", "--to-pvc missing"),
        ("pending", "claim pending is Pending", "no volume that could be exchanged"),
        ("leaving", "claim leaving is being deleted", "--to-pvc leaving"),
    ):
        restore = await place.phase("Failed", name=name)
        assert all(words in restore["status"]["reason"] for words in said)
    await scene.assert_untouched()
    await place.patch(CLAIMS, "leaving", {"metadata": {"finalizers": None}})


async def test_a_larger_claim_is_refused_where_quota_or_limits_forbid_it(place: Place) -> None:
    scene = await staged(place)
    fault = place.sandbox.faults.report_bigger(4 << 20, handle=scene.old_handle)
    await place.snapshot("large")
    place.sandbox.faults.clear(fault)
    hard = {"requests.storage": "4Mi"}
    await place.create(QUOTAS, objects.manifest(QUOTAS, "small", spec={"hard": hard}))
    await until(lambda: _quota_known(place))
    await ask(scene, "large")
    await refused(scene, "a claim of 5Mi is refused", "exceeded quota: small", snapshot="large")
    await place.delete(QUOTAS, "small")
    await place.delete(VOLUME_RESTORES, "data")
    await place.gone(VOLUME_RESTORES, "data")
    limit = {"type": "PersistentVolumeClaim", "max": {"storage": "4Mi"}}
    await place.create(LIMITS, objects.manifest(LIMITS, "small", spec={"limits": [limit]}))
    await until(lambda: _limits_known(place))
    await ask(scene, "large")
    await refused(scene, "a claim of 5Mi is refused", "maximum storage usage", snapshot="large")


async def _quota_known(place: Place) -> bool:
    quota = await place.get(QUOTAS, "small")
    return "used" in quota.get("status", {})


async def _limits_known(place: Place) -> bool:
    try:
        await place.client.create(CLAIMS, objects.claim("trial", size="9Mi"), place.namespace, dry_run=True)
    except errors.Forbidden as error:
        return "maximum storage usage" in str(error)
    return False


async def test_a_full_quota_is_no_obstacle_for_a_claim_that_takes_the_place_of_another(place: Place) -> None:
    scene = await staged(place)
    await place.claim("restore", size="1Mi")
    await place.claim("data-restore", size="1Mi")
    hard = {"requests.storage": "3Mi", "persistentvolumeclaims": "3"}
    await place.create(QUOTAS, objects.manifest(QUOTAS, "small", spec={"hard": hard}))
    await until(lambda: _quota_known(place))
    await scene.ask()
    await scene.settled()


async def test_a_claim_beside_it_that_is_named_like_a_restore_is_no_obstacle(place: Place) -> None:
    scene = await staged(place)
    await place.claim("data-restore")
    await scene.ask()
    await scene.settled()


async def test_a_claim_whose_class_is_gone_is_refused(place: Place) -> None:
    name = place.namespace
    body = objects.manifest(STORAGE_CLASSES, name) | {"provisioner": "dir.csi.holdfast.dev"}
    await place.create(STORAGE_CLASSES, body)
    scene = await staged(place, storageClassName=name)
    await place.delete(STORAGE_CLASSES, name)
    await scene.ask()
    await refused(scene, f"StorageClass {name} of claim data does not exist", "create it again")


async def test_what_is_restored_cannot_be_changed_afterwards(place: Place) -> None:
    scene = await staged(place)
    await place.pod()
    await scene.ask()
    await scene.phase("Quiesce")
    for field in ("claimName", "snapshotName"):
        with pytest.raises(errors.Invalid, match=f"{field} cannot be changed"):
            await place.patch(VOLUME_RESTORES, "data", {"spec": {field: "other"}})
    await place.end_pod()
    await scene.settled()
