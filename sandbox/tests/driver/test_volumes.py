"""Volumes are directories: what is in them, what they may become, when they go away."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from holdfast_sandbox.driver.csi.answers import TOPOLOGY
from holdfast_sandbox.driver.errors import Code

if TYPE_CHECKING:
    from sandbox.tests.driver.conftest import Driver

MEBIBYTE = 1 << 20
MOUNT = [{"mount": {}, "access_mode": {"mode": "SINGLE_NODE_WRITER"}}]
BLOCK = [{"block": {}, "access_mode": {"mode": "SINGLE_NODE_WRITER"}}]


def test_a_new_volume_is_an_empty_directory_that_anybody_may_write(driver: Driver) -> None:
    volume = driver.make_volume()

    assert volume.path == driver.root / "volumes" / volume.id
    assert list(volume.path.iterdir()) == []
    assert volume.path.stat().st_mode & 0o777 == 0o777


def test_a_block_volume_is_a_sparse_image_of_its_size(driver: Driver) -> None:
    volume = driver.make_volume(size=64 * MEBIBYTE, volume_capabilities=BLOCK)

    image = (volume.path / "disk.img").stat()

    assert image.st_size == 64 * MEBIBYTE
    assert image.st_blocks * 512 < MEBIBYTE


def test_asking_twice_for_a_volume_gives_the_same_one(driver: Driver) -> None:
    assert driver.make_volume("a").id == driver.make_volume("a").id
    assert (
        driver.refused(
            "CreateVolume",
            name="a",
            capacity_range={"required_bytes": 2 * MEBIBYTE},
            volume_capabilities=MOUNT,
        )
        == Code.ALREADY_EXISTS
    )
    assert len(driver.faults.volumes()) == 1


def test_a_clone_has_the_data_and_a_life_of_its_own(driver: Driver) -> None:
    origin = driver.make_volume("origin")
    (origin.path / "file").write_text("before")

    clone = driver.make_volume("clone", volume_content_source={"volume": {"volume_id": origin.id}})
    (origin.path / "file").write_text("after")

    assert (clone.path / "file").read_text() == "before"
    assert clone.from_volume == origin.id


def test_a_clone_of_a_block_volume_grows_to_the_size_asked_for(driver: Driver) -> None:
    origin = driver.make_volume("origin", volume_capabilities=BLOCK)
    with (origin.path / "disk.img").open("r+b") as image:
        image.write(b"data")

    source = {"volume": {"volume_id": origin.id}}
    clone = driver.make_volume("clone", 2 * MEBIBYTE, volume_content_source=source, volume_capabilities=BLOCK)

    data = (clone.path / "disk.img").read_bytes()
    assert data == b"data".ljust(2 * MEBIBYTE, b"\0")


def test_a_clone_smaller_than_its_source_is_refused(driver: Driver) -> None:
    origin = driver.make_volume("origin", 2 * MEBIBYTE)

    refusal = driver.refused(
        "CreateVolume",
        name="clone",
        capacity_range={"required_bytes": MEBIBYTE},
        volume_capabilities=MOUNT,
        volume_content_source={"volume": {"volume_id": origin.id}},
    )

    assert refusal == Code.OUT_OF_RANGE


def test_a_file_system_is_not_made_from_a_block_volume(driver: Driver) -> None:
    origin = driver.make_volume("origin", volume_capabilities=BLOCK)
    source = {"volume": {"volume_id": origin.id}}

    refusal = driver.refused(
        "CreateVolume", name="clone", volume_capabilities=MOUNT, volume_content_source=source
    )

    assert refusal == Code.INVALID_ARGUMENT


def test_a_volume_grows_and_does_not_shrink(driver: Driver) -> None:
    volume = driver.make_volume(volume_capabilities=BLOCK)

    for wanted in (4 * MEBIBYTE, 2 * MEBIBYTE):
        driver.call("ControllerExpandVolume", volume_id=volume.id, capacity_range={"required_bytes": wanted})

    assert [each.size for each in driver.faults.volumes()] == [4 * MEBIBYTE]
    assert (volume.path / "disk.img").stat().st_size == 4 * MEBIBYTE


def test_a_deleted_volume_takes_its_data_along(driver: Driver) -> None:
    volume = driver.make_volume()
    (volume.path / "file").write_text("data")

    driver.call("DeleteVolume", volume_id=volume.id)
    driver.call("DeleteVolume", volume_id=volume.id)

    assert driver.directories() == set()
    assert driver.faults.volumes() == []


@pytest.mark.parametrize("capabilities", [MOUNT, BLOCK], ids=["mount", "block"])
def test_a_published_volume_shows_its_data_and_is_not_deleted(
    driver: Driver, tmp_path: Path, capabilities: list[dict[str, object]]
) -> None:
    if os.geteuid():
        pytest.skip("mounting needs root")
    volume = driver.make_volume(volume_capabilities=capabilities)
    target = {"volume_id": volume.id, "target_path": str(tmp_path / "target")}
    driver.call("NodePublishVolume", **target, volume_capability=capabilities[0])

    refusal = driver.refused("DeleteVolume", volume_id=volume.id)
    seen = Path(target["target_path"])
    shown = seen.is_block_device() if capabilities is BLOCK else seen.samefile(volume.path)
    driver.call("NodeUnpublishVolume", **target)
    driver.call("DeleteVolume", volume_id=volume.id)

    assert refusal == Code.FAILED_PRECONDITION
    assert shown
    assert not seen.exists()
    assert driver.directories() == set()


def test_where_nodes_have_their_own_volumes_one_is_made_on_the_best_and_its_copy_only_there(
    driver: Driver,
) -> None:
    origin = driver.call(
        "CreateVolume", name="a", volume_capabilities=MOUNT, **reachable("two", "one")
    ).volume
    assert dict(origin.accessible_topology[0].segments) == {TOPOLOGY: "two"}
    source = {"volume": {"volume_id": origin.volume_id}}
    copied = {"volume_capabilities": MOUNT, "volume_content_source": source}
    refusal = driver.refused("CreateVolume", name="b", **copied, **reachable("one"))
    assert refusal == Code.RESOURCE_EXHAUSTED
    copy = driver.call("CreateVolume", name="b", **copied, **reachable("one", "two")).volume
    assert dict(copy.accessible_topology[0].segments) == {TOPOLOGY: "two"}


def reachable(*nodes: str) -> dict[str, dict[str, list[dict[str, dict[str, str]]]]]:
    """What the provisioner says of where a volume is wanted, the best node first."""
    return {"accessibility_requirements": {"preferred": [{"segments": {TOPOLOGY: node}} for node in nodes]}}
