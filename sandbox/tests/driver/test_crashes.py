"""After a kill at any step, the next driver has whole objects only, and no data that nobody owns."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import grpc  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from sandbox.tests.driver.conftest import Driver

    from holdfast_sandbox.driver.faults import Point

MOUNT = [{"mount": {}, "access_mode": {"mode": "SINGLE_NODE_WRITER"}}]


@pytest.mark.parametrize("point", ["copied", "placed", "recorded"])
def test_a_snapshot_is_whole_or_absent_when_the_driver_dies_taking_it(driver: Driver, point: Point) -> None:
    volume = driver.make_volume()
    (volume.path / "file").write_text("data")
    driver.faults.die_when(point)

    _call_and_die(driver, "CreateSnapshot", name="snapshot", source_volume_id=volume.id)
    left = driver.directories()
    driver.start()
    found = {each.id for each in driver.faults.snapshots()}

    assert len(left) == 2, "the driver died before it had copied"
    assert len(found) == (1 if point == "recorded" else 0)
    assert driver.directories() == driver.index() == {volume.id, *found}
    assert (driver.take_snapshot("snapshot", volume).path / "file").read_text() == "data"


@pytest.mark.parametrize("point", ["copied", "placed", "recorded"])
def test_a_clone_is_whole_or_absent_when_the_driver_dies_making_it(driver: Driver, point: Point) -> None:
    origin = driver.make_volume("origin")
    driver.faults.die_when(point)
    source = {"volume": {"volume_id": origin.id}}

    _call_and_die(
        driver, "CreateVolume", name="clone", volume_capabilities=MOUNT, volume_content_source=source
    )
    driver.start()

    assert driver.directories() == driver.index()
    assert len(driver.index()) == (2 if point == "recorded" else 1)


def test_a_group_is_whole_or_absent_when_the_driver_dies_between_its_members(driver: Driver) -> None:
    volumes = [driver.make_volume(name).id for name in ("a", "b")]
    driver.faults.die_when("placed")

    _call_and_die(driver, "CreateVolumeGroupSnapshot", name="group", source_volume_ids=volumes)
    driver.start()

    assert driver.directories() == driver.index() == set(volumes)
    driver.call("CreateVolumeGroupSnapshot", name="group", source_volume_ids=volumes)
    assert len(driver.faults.snapshots()) == 2


def test_a_deleted_snapshot_stays_deleted_when_the_driver_dies_over_it(driver: Driver) -> None:
    volume = driver.make_volume()
    snapshot = driver.take_snapshot("snapshot", volume)
    driver.faults.die_when("forgotten")

    _call_and_die(driver, "DeleteSnapshot", snapshot_id=snapshot.id)
    left = driver.directories()
    driver.start()

    assert left == {volume.id, snapshot.id}
    assert driver.directories() == driver.index() == {volume.id}


@pytest.mark.parametrize("kill_after", [7, 23, 41])
def test_index_and_directories_agree_after_a_kill_under_load(driver: Driver, kill_after: int) -> None:
    volume = driver.make_volume()
    (volume.path / "file").write_text("data")
    answered: set[str] = set()

    def take(number: int) -> None:
        if number == kill_after:
            driver.kill()
        with suppress(grpc.RpcError, ValueError):  # the driver is gone, or its channel closed
            answered.add(
                driver.call(
                    "CreateSnapshot", name=f"snapshot-{number}", source_volume_id=volume.id
                ).snapshot.snapshot_id
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(60)))
    driver.start()

    assert answered
    assert answered | {volume.id} <= driver.index() == driver.directories()
    assert all((each.path / "file").read_text() == "data" for each in driver.faults.snapshots())


def test_data_that_nobody_owns_is_removed_at_the_start(stopped: Driver) -> None:
    for kind in ("volumes", "snapshots", "incoming"):
        (stopped.root / kind / f"lost-{kind}").mkdir(parents=True)

    stopped.start()

    assert stopped.directories() == set()


def test_a_volume_whose_directory_somebody_removed_is_forgotten(driver: Driver) -> None:
    volume = driver.make_volume()
    driver.kill()
    volume.path.rmdir()
    driver.start()

    assert driver.faults.volumes() == []
    assert volume.id in driver.log.read_text()


def test_a_driver_that_is_asked_to_stop_ends_even_when_a_fault_holds_a_call(driver: Driver) -> None:
    volume = driver.make_volume()
    driver.faults.slow_deletes()
    driver.begin("DeleteVolume", volume_id=volume.id)

    assert driver.stop() == 0
    driver.start()
    assert driver.index() == {volume.id}


def _call_and_die(driver: Driver, method: str, **fields: object) -> None:
    with pytest.raises(grpc.RpcError):
        driver.call(method, **fields)
    assert driver.ended() == -signal.SIGKILL
