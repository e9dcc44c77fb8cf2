"""Snapshots keep what was there when they were taken; volumes made from them have it again."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from holdfast_sandbox.driver.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.tests.driver.conftest import Driver

MEBIBYTE = 1 << 20


def test_a_restored_volume_has_the_data_of_the_snapshot(driver: Driver) -> None:
    volume = driver.make_volume()
    (volume.path / "file").write_text("before")
    snapshot = driver.take_snapshot("snapshot", volume)
    (volume.path / "file").write_text("after")

    source = {"snapshot": {"snapshot_id": snapshot.id}}
    restored = driver.make_volume("restored", volume_content_source=source)

    assert (restored.path / "file").read_text() == "before"
    assert (volume.path / "file").read_text() == "after"
    assert restored.from_snapshot == snapshot.id


def test_a_snapshot_outlives_its_volume(driver: Driver) -> None:
    volume = driver.make_volume()
    (volume.path / "file").write_text("data")
    snapshot = driver.take_snapshot("snapshot", volume)

    driver.call("DeleteVolume", volume_id=volume.id)

    assert (snapshot.path / "file").read_text() == "data"
    assert snapshot.source == volume.id


def test_modes_times_links_attributes_and_holes_are_kept(driver: Driver) -> None:
    volume = driver.make_volume()
    plain = volume.path / "plain"
    plain.write_text("data")
    plain.chmod(0o640)
    os.setxattr(plain, "user.note", b"kept")
    os.utime(plain, ns=(10**18, 10**18))
    (volume.path / "hard").hardlink_to(plain)
    (volume.path / "soft").symlink_to("plain")
    with (volume.path / "sparse").open("wb") as sparse:
        sparse.truncate(64 * MEBIBYTE)

    copy = driver.take_snapshot("snapshot", volume).path

    seen = (copy / "plain").stat()
    assert (seen.st_mode & 0o7777, seen.st_mtime_ns, seen.st_nlink) == (0o640, 10**18, 2)
    assert os.getxattr(copy / "plain", "user.note") == b"kept"
    assert (copy / "soft").readlink().name == "plain"
    assert (copy / "sparse").stat().st_blocks * 512 < MEBIBYTE


def test_a_snapshot_is_taken_while_files_come_and_go(driver: Driver, busy: Path) -> None:
    volume = next(each for each in driver.faults.volumes() if each.path == busy)

    for number in range(5):
        snapshot = driver.take_snapshot(f"snapshot-{number}", volume)

        assert (snapshot.path / "final").read_text().isdigit()


def test_asking_twice_for_a_snapshot_takes_one(driver: Driver) -> None:
    volume, other = driver.make_volume("a"), driver.make_volume("b")

    assert driver.take_snapshot("snapshot", volume).id == driver.take_snapshot("snapshot", volume).id
    assert driver.refused("CreateSnapshot", name="snapshot", source_volume_id=other.id) == Code.ALREADY_EXISTS
    assert len(driver.faults.snapshots()) == 1


def test_snapshots_are_listed_by_volume_and_in_pages(driver: Driver) -> None:
    volume, other = driver.make_volume("a"), driver.make_volume("b")
    taken = [driver.take_snapshot(f"snapshot-{number}", volume).id for number in range(3)]
    driver.take_snapshot("other", other)

    first = driver.call("ListSnapshots", source_volume_id=volume.id, max_entries=2)
    rest = driver.call("ListSnapshots", source_volume_id=volume.id, starting_token=first.next_token)

    assert [each.snapshot.snapshot_id for each in (*first.entries, *rest.entries)] == taken
    assert rest.next_token == ""


def test_a_group_is_taken_and_deleted_as_one(driver: Driver) -> None:
    volumes = [driver.make_volume(name) for name in ("a", "b")]
    for volume in volumes:
        (volume.path / "file").write_text(volume.name)

    group = driver.call(
        "CreateVolumeGroupSnapshot", name="group", source_volume_ids=[volume.id for volume in volumes]
    ).group_snapshot
    members = driver.faults.snapshots()

    assert group.ready_to_use
    assert {(member.path / "file").read_text() for member in members} == {"a", "b"}
    assert {member.group for member in members} == {group.group_snapshot_id}
    assert driver.refused("DeleteSnapshot", snapshot_id=members[0].id) == Code.INVALID_ARGUMENT
    ids = [member.id for member in members]
    driver.call("DeleteVolumeGroupSnapshot", group_snapshot_id=group.group_snapshot_id, snapshot_ids=ids)
    assert driver.faults.snapshots() == []
    assert driver.directories() == {volume.id for volume in volumes}


def test_a_group_with_a_volume_that_is_not_there_takes_nothing(driver: Driver) -> None:
    volume = driver.make_volume()

    refusal = driver.refused(
        "CreateVolumeGroupSnapshot", name="group", source_volume_ids=[volume.id, "nobody"]
    )

    assert refusal == Code.NOT_FOUND
    assert driver.directories() == {volume.id}


@pytest.fixture
def busy(driver: Driver) -> Iterator[Path]:
    """The directory of a volume in which a program replaces a file all the time."""
    path = driver.make_volume("busy").path
    (path / "final").write_text("0")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            (path / f"new-{number}").write_text(str(number))
            (path / f"new-{number}").rename(path / "final")

    writer = threading.Thread(target=write)
    writer.start()
    yield path
    stop.set()
    writer.join()
