"""Volumes of pods that run: what one wrote another one reads, also by way of a snapshot, and never more than fits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support import objects, pods
from support.pods import FOREVER
from support.waiting import until

from holdfast.api.resource import CLAIMS, GROUP_SNAPSHOT_CLASSES, GROUP_SNAPSHOTS, PODS, SNAPSHOTS

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster
COUNTING = """
i=0
while true; do
  i=$((i+1))
  echo $i > /data/a.new && mv /data/a.new /data/a
  echo $i > /data/b.new && mv /data/b.new /data/b
done
"""


def of_snapshot(name: str) -> objects.Manifest:
    return {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": name}


async def test_what_a_pod_wrote_is_read_by_another_one_from_a_snapshot(home: Place) -> None:
    await home.claim(size="16Mi")
    await pods.run(home, "writer", "echo kept > /data/file")
    await home.snapshot("snap")
    await pods.run(home, "spoiler", "echo spoilt > /data/file")

    await home.claim("copy", size="16Mi", dataSource=of_snapshot("snap"))

    assert await pods.run(home, "reader", "cat /data/file", "copy") == "kept\n"
    assert await pods.run(home, "other", "cat /data/file") == "spoilt\n"


async def test_a_test_looks_into_the_volume_of_a_running_pod_and_writes_there(home: Place) -> None:
    await home.claim(size="16Mi", data="from outside")
    await home.create(PODS, pods.pod("user", FOREVER))
    await pods.phase(home, "user", "Running")

    assert (await pods.ask(home, "user", "cat /data/data")).strip("\0") == "from outside"
    await pods.ask(home, "user", "echo -n from inside > /data/data")
    assert await home.read_data() == "from inside"


async def test_a_claim_waits_for_the_pod_that_uses_it_where_its_class_says_so(home: Place) -> None:
    await home.claim(size="16Mi", storageClassName="dir-wait", bound=False)
    assert await pods.run(home, "user", "echo there > /data/file; cat /data/file") == "there\n"
    await home.bound()


async def test_a_full_disk_is_full_for_its_pod_and_for_nobody_else(home: Place) -> None:
    await home.claim(size="16Mi")
    await home.claim("other", size="16Mi")

    said = await pods.run(home, "filler", "cat /dev/zero > /data/file || du -k /data/file")

    assert "No space left on device" in said
    (kept,) = (int(line.split()[0]) for line in said.splitlines() if line[0].isdigit())
    assert 8 * 1024 < kept < 16 * 1024
    await pods.run(home, "neighbour", "head -c 8388608 /dev/zero > /data/file", "other")


async def test_a_larger_claim_from_a_snapshot_has_room_for_more(home: Place) -> None:
    await home.claim(size="8Mi")
    await pods.run(home, "writer", "echo kept > /data/file")
    await home.snapshot("snap")

    await home.claim("larger", size="64Mi", dataSource=of_snapshot("snap"))

    script = "cat /data/file; head -c 33554432 /dev/zero > /data/more"
    assert await pods.run(home, "reader", script, "larger") == "kept\n"


async def test_a_snapshot_is_of_one_moment_while_a_pod_writes(home: Place) -> None:
    await home.claim(size="16Mi")
    await home.create(PODS, pods.pod("writer", COUNTING))
    await until(lambda: counted(home))

    for number in range(5):
        await home.snapshot(f"snap-{number}")

    steps = [await pair_in(home, number) for number in range(5)]
    assert all(0 <= first - second <= 1 for first, second in steps), steps
    assert len(set(steps)) > 1, "the writer stood still, so nothing was tried"


async def test_snapshots_that_one_call_cuts_are_of_one_moment_on_all_volumes(home: Place) -> None:
    """One pod writes the same number into two volumes, one after the other."""
    labels = {"labels": {"app": "pair"}}
    await asyncio.gather(*(home.claim(name, size="16Mi", metadata=labels) for name in ("data", "b")))
    await home.create(GROUP_SNAPSHOT_CLASSES, group_class())
    await home.create(PODS, with_two_volumes("writer", COUNTING.replace("/data/b", "/other/b")))
    await until(lambda: counted(home, "b"))

    steps = [await cut_pair(home, number) for number in range(5)]
    assert all(0 <= first - second <= 1 for first, second in steps), steps
    assert len(set(steps)) > 1, "the writer stood still, so nothing was tried"


def group_class() -> objects.Manifest:
    wanted = {"driver": "dir.csi.holdfast.dev", "deletionPolicy": "Delete"}
    return objects.manifest(GROUP_SNAPSHOT_CLASSES, "dir", **wanted)


def with_two_volumes(name: str, script: str) -> objects.Manifest:
    mounts = [{"name": "data", "mountPath": "/data"}, {"name": "other", "mountPath": "/other"}]
    body = pods.pod(name, script, containers=[pods.container(script, volumeMounts=mounts)])
    body["spec"]["volumes"].append({"name": "other", "persistentVolumeClaim": {"claimName": "b"}})
    return body


async def cut_pair(home: Place, number: int) -> tuple[int, int]:
    """What a group snapshot has of the two files."""
    source = {"selector": {"matchLabels": {"app": "pair"}}}
    spec = {"source": source, "volumeGroupSnapshotClassName": "dir"}
    await home.create(GROUP_SNAPSHOTS, objects.manifest(GROUP_SNAPSHOTS, f"pair-{number}", spec=spec))
    first, second = await until(lambda: members_of(home, f"pair-{number}"))
    for name, snapshot in ((f"first-{number}", first), (f"second-{number}", second)):
        await home.claim(name, size="16Mi", dataSource=of_snapshot(snapshot))
    return await read_number(home, f"first-{number}", "a"), await read_number(home, f"second-{number}", "b")


async def members_of(home: Place, whole: str) -> list[str]:
    """The ready snapshots of a group snapshot: that of `data`, then that of `b`."""
    listed = await home.client.list(SNAPSHOTS, home.namespace)
    own = {
        s["spec"]["source"]["persistentVolumeClaimName"]: s["metadata"]["name"]
        for s in listed.items
        if s["metadata"]["ownerReferences"][0]["name"] == whole and s["status"]["readyToUse"]
    }
    return [own["data"], own["b"]]


async def counted(home: Place, claim: str = "data") -> bool:
    return (home.path(await home.volume(claim)).parent / "b").exists()


async def read_number(home: Place, claim: str, file: str) -> int:
    return int((home.path(await home.volume(claim)).parent / file).read_text())


async def pair_in(home: Place, number: int) -> tuple[int, int]:
    name = f"copy-{number}"
    await home.claim(name, size="16Mi", dataSource=of_snapshot(f"snap-{number}"))
    return await read_number(home, name, "a"), await read_number(home, name, "b")


async def test_a_pod_has_a_block_device_and_its_copy_the_same_bytes(home: Place) -> None:
    await home.claim("raw", size="1Mi", volumeMode="Block")
    await home.create(PODS, on_device("writer", "raw", "echo raw | dd of=/dev/disk conv=fsync"))
    await pods.phase(home, "writer", "Succeeded")
    await home.snapshot("snap", of="raw")
    await home.claim("copy", size="1Mi", volumeMode="Block", dataSource=of_snapshot("snap"))

    await home.create(PODS, on_device("reader", "copy", "head -c 4 /dev/disk"))
    await pods.phase(home, "reader", "Succeeded")
    assert await pods.said(home, "reader") == "raw\n"


def on_device(name: str, claim: str, script: str) -> objects.Manifest:
    device = [{"name": "data", "devicePath": "/dev/disk"}]
    used = pods.container(script, volumeMounts=[], volumeDevices=device)
    return pods.pod(name, script, claim, containers=[used])


async def test_a_volume_goes_when_its_pod_and_its_claim_are_gone(home: Place) -> None:
    await home.claim(size="16Mi")
    await home.create(PODS, pods.pod("user", FOREVER))
    await pods.phase(home, "user", "Running")
    directory = home.path(await home.volume()).parent

    await home.delete(CLAIMS, "data")
    await home.delete(PODS, "user")
    await home.gone(CLAIMS, "data")

    async def removed() -> bool:
        return not directory.exists()

    await until(removed)
