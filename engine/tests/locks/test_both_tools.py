"""Each tool sees the other's locks."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.holders import TOOLS, held_alone, held_shared, names
from engine.tests.support.tools import HOLDFAST, Tool, restic
from engine.tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

LOCKED = 11
OTHERS = {HOLDFAST: restic(), restic(): HOLDFAST}


@pytest.mark.parametrize("holder", TOOLS)
def test_shared_locks_get_along(place: Path, folder: Path, holder: Tool) -> None:
    other = OTHERS[holder]
    with held_shared(holder, place):
        other.run(place, "backup", folder)
        other.run(place, "snapshots")
    holder.run(place, "check")


@pytest.mark.parametrize("holder", TOOLS)
def test_a_shared_lock_keeps_out_who_must_be_alone(place: Path, holder: Tool) -> None:
    with held_shared(holder, place) as process:
        mine = names(place)
        said = OTHERS[holder].run(place, "check", code=LOCKED)
        assert names(place) == mine
    assert f"PID {process.pid} on {socket.gethostname()}" in said.err
    assert process.returncode == 0


@pytest.mark.parametrize("holder", TOOLS)
@pytest.mark.parametrize(
    "verb", [["snapshots"], ["backup", "/etc/hostname"], ["check"], ["restore", "latest", "-t", "x"]]
)
def test_an_exclusive_lock_keeps_everybody_out(
    place: Path, tmp_path: Path, holder: Tool, verb: list[str]
) -> None:
    with held_alone(holder, place) as process:
        mine = names(place)
        said = OTHERS[holder].run(place, *verb, code=LOCKED, cwd=tmp_path)
        assert names(place) == mine
    assert "locked exclusively" in said.err
    assert f"PID {process.pid} on {socket.gethostname()}" in said.err
    assert process.returncode == 0
    assert names(place) == set()


@pytest.mark.parametrize("holder", TOOLS)
def test_who_is_at_work_is_not_unlocked(place: Path, holder: Tool) -> None:
    with held_alone(holder, place) as process:
        mine = names(place)
        OTHERS[holder].run(place, "unlock")
        assert names(place) == mine
    assert process.returncode == 0


@pytest.mark.parametrize("holder", TOOLS)
def test_a_lock_whose_process_is_gone_is_removed_by_unlock(place: Path, holder: Tool) -> None:
    with held_shared(holder, place) as process:
        process.kill()
        process.wait()
    assert len(names(place)) == 1
    OTHERS[holder].run(place, "check", code=LOCKED)
    OTHERS[holder].run(place, "unlock")
    assert names(place) == set()
    OTHERS[holder].run(place, "check")


@pytest.mark.parametrize("holder", TOOLS)
def test_all_locks_are_removed_when_asked(place: Path, holder: Tool) -> None:
    with held_shared(holder, place) as process:
        OTHERS[holder].run(place, "unlock", "--remove-all")
        assert names(place) == set()
        OTHERS[holder].run(place, "check")
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("holder", TOOLS)
def test_the_other_waits_when_told_to(place: Path, holder: Tool) -> None:
    other = OTHERS[holder]
    with held_shared(holder, place):
        waiting = other.start(place, "check", "--retry-lock", "1m")
        eventually(lambda: len(names(place)) > 1 or waiting.poll() is None)
    _, err = waiting.communicate(timeout=90)
    assert waiting.returncode == 0, err


def test_reading_without_a_lock(place: Path, tmp_path: Path) -> None:
    with held_alone(restic(), place):
        mine = names(place)
        HOLDFAST.run(place, "snapshots", "--no-lock")
        HOLDFAST.run(place, "restore", "latest", "--no-lock", "--target", tmp_path / "out")
        assert names(place) == mine


def test_a_repository_without_old_locks_stays_without(place: Path, folder: Path) -> None:
    HOLDFAST.run(place, "backup", folder)
    HOLDFAST.run(place, "check")
    HOLDFAST.run(place, "backup", folder / "not there", code=1)
    HOLDFAST.run(place, "restore", "nothing", "--target", folder, code=1)
    assert names(place) == set()
