"""Each fault as a client of the driver sees it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from holdfast_sandbox.driver.errors import Code, DriverError, Unreachable
from holdfast_sandbox.driver.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.tests.driver.conftest import Driver

MEBIBYTE = 1 << 20
DEADLINE = 60.0
MOUNT = [{"mount": {}, "access_mode": {"mode": "SINGLE_NODE_WRITER"}}]


def test_a_snapshot_never_gets_ready_until_it_is_told_to(driver: Driver) -> None:
    volume = driver.make_volume()
    driver.faults.never_ready()
    taken = driver.call("CreateSnapshot", name="late", source_volume_id=volume.id).snapshot
    driver.faults.clear()

    assert not taken.ready_to_use
    assert not _is_ready(driver, taken.snapshot_id)
    driver.faults.make_ready(taken.snapshot_id)
    assert _is_ready(driver, taken.snapshot_id)


def test_a_snapshot_gets_ready_after_the_time_that_was_said(driver: Driver) -> None:
    volume = driver.make_volume()
    driver.faults.ready_after(3600, calls=1)
    driver.faults.ready_after(0.05)

    hour, soon = (driver.take_snapshot(name, volume) for name in ("hour", "soon"))

    assert hour.ready_at == pytest.approx(hour.created + 3600)
    assert not _is_ready(driver, hour.id)
    _wait_until(lambda: _is_ready(driver, soon.id))


def test_a_snapshot_fails_some_times_and_then_succeeds(driver: Driver) -> None:
    volume = driver.make_volume()
    driver.faults.fail_snapshots(Code.UNAVAILABLE, calls=2)
    request = {"name": "snapshot", "source_volume_id": volume.id}

    assert [driver.refused("CreateSnapshot", **request) for _ in range(2)] == [Code.UNAVAILABLE] * 2
    assert driver.faults.snapshots() == []
    assert driver.call("CreateSnapshot", **request).snapshot.ready_to_use


def test_each_snapshot_fails_once(driver: Driver) -> None:
    volume = driver.make_volume()
    driver.faults.fail_snapshots(calls=1, each=True)

    for name in ("first", "second"):
        assert driver.refused("CreateSnapshot", name=name, source_volume_id=volume.id) == Code.INTERNAL
        driver.take_snapshot(name, volume)


def test_a_fault_of_one_volume_leaves_the_others_alone(driver: Driver) -> None:
    volume, other = driver.make_volume("pvc-1"), driver.make_volume("pvc-2")
    driver.faults.fail_snapshots(handle=volume.id)
    driver.faults.never_ready(handle="pvc-2")

    assert driver.refused("CreateSnapshot", name="a", source_volume_id=volume.id) == Code.INTERNAL
    assert not driver.take_snapshot("b", other).ready


def test_a_fault_of_a_volume_concerns_its_snapshots(driver: Driver) -> None:
    volume, other = driver.make_volume("a"), driver.make_volume("b")
    kept, gone = driver.take_snapshot("kept", volume), driver.take_snapshot("gone", other)
    driver.faults.refuse_deletes(handle=volume.id)

    assert driver.refused("DeleteSnapshot", snapshot_id=kept.id) == Code.FAILED_PRECONDITION
    driver.call("DeleteSnapshot", snapshot_id=gone.id)
    assert [each.id for each in driver.faults.snapshots()] == [kept.id]


def test_a_fault_of_one_volume_in_a_group_concerns_its_member_only(driver: Driver) -> None:
    volumes = [driver.make_volume(name) for name in ("a", "b")]
    driver.faults.report_bigger(MEBIBYTE, handle=volumes[0].id)

    driver.call(
        "CreateVolumeGroupSnapshot", name="group", source_volume_ids=[volume.id for volume in volumes]
    )

    sizes = {snapshot.source: snapshot.size for snapshot in driver.faults.snapshots()}
    assert sizes == {volumes[0].id: 2 * MEBIBYTE, volumes[1].id: MEBIBYTE}


def test_a_lost_reply_to_a_create_leaves_one_object(driver: Driver) -> None:
    driver.faults.lose_replies("CreateVolume", "CreateSnapshot", calls=1, each=True)

    lost = driver.refused("CreateVolume", name="volume", volume_capabilities=MOUNT)
    (volume,) = driver.faults.volumes()
    assert lost == Code.UNAVAILABLE
    assert driver.make_volume(size=0).id == volume.id
    lost = driver.refused("CreateSnapshot", name="snapshot", source_volume_id=volume.id)
    (snapshot,) = driver.faults.snapshots()
    assert lost == Code.UNAVAILABLE
    assert driver.take_snapshot("snapshot", volume).id == snapshot.id


def test_a_lost_reply_to_a_delete_has_deleted(driver: Driver) -> None:
    volume = driver.make_volume()
    snapshot = driver.take_snapshot("snapshot", volume)
    driver.faults.lose_replies("DeleteVolume", "DeleteSnapshot", code=Code.DEADLINE_EXCEEDED, calls=2)

    assert driver.refused("DeleteSnapshot", snapshot_id=snapshot.id) == Code.DEADLINE_EXCEEDED
    assert driver.refused("DeleteVolume", volume_id=volume.id) == Code.DEADLINE_EXCEEDED
    assert driver.index() == driver.directories() == set()
    driver.call("DeleteSnapshot", snapshot_id=snapshot.id)
    driver.call("DeleteVolume", volume_id=volume.id)


def test_a_snapshot_that_says_it_is_bigger_needs_a_bigger_volume(driver: Driver) -> None:
    volume = driver.make_volume(size=MEBIBYTE)
    driver.faults.report_bigger(MEBIBYTE)
    snapshot = driver.take_snapshot("snapshot", volume)
    source = {"snapshot": {"snapshot_id": snapshot.id}}

    small = driver.refused(
        "CreateVolume",
        name="small",
        capacity_range={"required_bytes": MEBIBYTE},
        volume_capabilities=MOUNT,
        volume_content_source=source,
    )

    assert snapshot.size == 2 * MEBIBYTE
    assert small == Code.OUT_OF_RANGE
    assert driver.make_volume("enough", 2 * MEBIBYTE, volume_content_source=source).size == 2 * MEBIBYTE


def test_a_full_pool_takes_nothing_new_and_keeps_what_it_has(driver: Driver) -> None:
    volume = driver.make_volume()
    snapshot = driver.take_snapshot("snapshot", volume)
    driver.faults.fill_pool()

    assert driver.refused("CreateSnapshot", name="b", source_volume_id=volume.id) == Code.RESOURCE_EXHAUSTED
    assert driver.refused("CreateVolume", name="b", volume_capabilities=MOUNT) == Code.RESOURCE_EXHAUSTED
    assert driver.take_snapshot("snapshot", volume).id == snapshot.id
    assert driver.call("GetCapacity").available_capacity == 0


def test_a_pool_with_a_limit_has_room_again_after_a_delete(driver: Driver) -> None:
    driver.faults.limit_pool(2 * MEBIBYTE)
    volume = driver.make_volume(size=MEBIBYTE)
    first = driver.take_snapshot("first", volume)

    refusal = driver.refused("CreateSnapshot", name="second", source_volume_id=volume.id)
    driver.call("DeleteSnapshot", snapshot_id=first.id)

    assert refusal == Code.RESOURCE_EXHAUSTED
    assert driver.call("GetCapacity").available_capacity == MEBIBYTE
    driver.take_snapshot("second", volume)


def test_a_slow_delete_blocks_only_itself_and_ends_with_the_fault(driver: Driver) -> None:
    volume, other = driver.make_volume("a"), driver.make_volume("b")
    driver.faults.slow_deletes(handle=volume.id)

    slow = driver.begin("DeleteVolume", volume_id=volume.id)
    _wait_until(lambda: driver.faults.calls().get("DeleteVolume") == 1)
    _wait_until(lambda: driver.refused("DeleteVolume", volume_id=volume.id) == Code.ABORTED)
    driver.call("DeleteVolume", volume_id=other.id)
    pending = not slow.done() and driver.index() == {volume.id}
    driver.faults.clear()
    slow.result(DEADLINE)

    assert pending
    assert driver.index() == set()


def test_many_slow_deletes_leave_room_for_other_calls(driver: Driver) -> None:
    volume = driver.make_volume()
    snapshots = [driver.take_snapshot(f"snapshot-{number}", volume) for number in range(60)]
    driver.faults.slow_deletes()

    slow = [driver.begin("DeleteSnapshot", snapshot_id=snapshot.id) for snapshot in snapshots]
    _wait_until(lambda: driver.faults.calls().get("DeleteSnapshot") == len(snapshots))
    driver.take_snapshot("one-more", volume)
    driver.faults.clear()

    for delete in slow:
        delete.result(DEADLINE)
    assert [each.name for each in driver.faults.snapshots()] == ["one-more"]


def test_a_refused_delete_deletes_nothing(driver: Driver) -> None:
    volume = driver.make_volume()
    snapshot = driver.take_snapshot("snapshot", volume)
    driver.faults.refuse_deletes()

    assert driver.refused("DeleteVolume", volume_id=volume.id) == Code.FAILED_PRECONDITION
    assert driver.refused("DeleteSnapshot", snapshot_id=snapshot.id) == Code.FAILED_PRECONDITION
    assert driver.index() == driver.directories() == {volume.id, snapshot.id}


def test_list_snapshots_can_be_taken_away_while_serving(driver: Driver) -> None:
    assert "LIST_SNAPSHOTS" in _capabilities(driver)
    fault = driver.faults.hide_list_snapshots()

    assert driver.refused("ListSnapshots") == Code.UNIMPLEMENTED
    assert "LIST_SNAPSHOTS" not in _capabilities(driver)
    driver.faults.clear(fault)
    driver.call("ListSnapshots")


def test_list_snapshots_can_be_absent_from_the_start(stopped: Driver) -> None:
    stopped.start("--no-list-snapshots")

    assert stopped.refused("ListSnapshots") == Code.UNIMPLEMENTED
    assert "LIST_SNAPSHOTS" not in _capabilities(stopped)


def test_wishes_to_delete_are_kept_also_those_refused_and_over_a_restart(driver: Driver) -> None:
    volume = driver.make_volume("pvc-1")
    snapshot = driver.take_snapshot("snapshot-1", volume)
    driver.faults.refuse_deletes(methods=["DeleteVolume"], calls=1)
    driver.refused("DeleteVolume", volume_id=volume.id)
    driver.call("DeleteSnapshot", snapshot_id=snapshot.id)
    driver.kill()
    driver.start()
    driver.call("DeleteVolume", volume_id="nobody")

    seen = [(each.method, each.handle, each.name, each.source) for each in driver.faults.deletions()]
    assert seen == [
        ("DeleteVolume", volume.id, "pvc-1", ""),
        ("DeleteSnapshot", snapshot.id, "snapshot-1", volume.id),
        ("DeleteVolume", "nobody", "", ""),
    ]


def test_calls_are_counted_by_method(driver: Driver) -> None:
    volume = driver.make_volume()
    driver.take_snapshot("a", volume)
    driver.take_snapshot("b", volume)

    assert driver.faults.calls() == {"CreateVolume": 1, "CreateSnapshot": 2}


def test_faults_and_what_is_left_of_them_survive_a_killed_driver(driver: Driver) -> None:
    volume = driver.make_volume()
    fault = driver.faults.fail_snapshots(calls=2)
    driver.refused("CreateSnapshot", name="snapshot", source_volume_id=volume.id)
    driver.kill()
    driver.start()

    assert list(driver.faults.active()) == [fault]
    driver.refused("CreateSnapshot", name="snapshot", source_volume_id=volume.id)
    driver.take_snapshot("snapshot", volume)


def test_a_fault_ends_alone(driver: Driver) -> None:
    volume = driver.make_volume()
    failing, full = driver.faults.fail_snapshots(), driver.faults.fill_pool()
    driver.faults.clear(failing)

    assert list(driver.faults.active()) == [full]
    refusal = driver.refused("CreateSnapshot", name="snapshot", source_volume_id=volume.id)
    assert refusal == Code.RESOURCE_EXHAUSTED


def test_a_wish_the_driver_cannot_meet_is_an_error_with_its_reason(driver: Driver) -> None:
    with pytest.raises(DriverError, match="there is no snapshot nobody"):
        driver.faults.make_ready("nobody")


def test_a_driver_that_is_not_there_is_reported_after_the_patience(tmp_path: Path) -> None:
    faults = Faults(tmp_path / "nobody.sock", patience=0.05)

    with pytest.raises(Unreachable, match=r"nobody\.sock"):
        faults.volumes()


def _is_ready(driver: Driver, snapshot: str) -> bool:
    (entry,) = driver.call("ListSnapshots", snapshot_id=snapshot).entries
    ready: bool = entry.snapshot.ready_to_use
    return ready


def _capabilities(driver: Driver) -> set[str]:
    offered = driver.call("ControllerGetCapabilities").capabilities
    names = offered[0].rpc.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number
    return {names[each.rpc.type].name for each in offered}


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
