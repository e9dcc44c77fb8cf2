"""Locks of other machines, of containers, and damaged ones: what both tools make of them."""

from __future__ import annotations

import json
import socket
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from engine.tests.support import sealing
from engine.tests.support.holders import TOOLS, names
from engine.tests.support.tools import HOLDFAST, Tool, environment, restic

if TYPE_CHECKING:
    from pathlib import Path

LOCKED = 11
OLD, YOUNG = timedelta(minutes=31), timedelta(minutes=25)
ELSEWHERE = "elsewhere"
ALONE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
"""A pid namespace of its own, as a container has it."""


@pytest.mark.parametrize("tool", TOOLS)
def test_a_young_lock_of_another_machine_holds(place: Path, tool: Tool) -> None:
    sealing.lock(place, age=YOUNG, host=ELSEWHERE)
    tool.run(place, "unlock")
    said = tool.run(place, "check", code=LOCKED)
    assert f"PID 4000000 on {ELSEWHERE}" in said.err
    assert len(names(place)) == 1


@pytest.mark.parametrize("tool", TOOLS)
def test_a_lock_of_more_than_half_an_hour_is_removed_by_unlock(place: Path, tool: Tool) -> None:
    sealing.lock(place, age=OLD, host=ELSEWHERE)
    tool.run(place, "unlock")
    assert names(place) == set()
    tool.run(place, "check")


def test_within_a_container_a_process_that_is_not_seen_is_not_taken_for_gone(place: Path) -> None:
    sealing.lock(place, age=YOUNG, host=socket.gethostname())
    words = [*ALONE, *HOLDFAST.words(place, "unlock")]
    ended = subprocess.run(words, env=environment(), capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert len(names(place)) == 1
    HOLDFAST.run(place, "unlock")
    assert names(place) == set()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_lock_of_a_container_keeps_out_who_must_be_alone(place: Path, tool: Tool) -> None:
    sealing.lock(place, age=timedelta(), host=ELSEWHERE, pid=1)
    tool.run(place, "check", code=LOCKED)
    tool.run(place, "snapshots")


def test_a_damaged_lock_stops_who_takes_one_until_it_is_removed(
    place: Path, folder: Path, tmp_path: Path
) -> None:
    path = sealing.lock(place, age=YOUNG, host=ELSEWHERE)
    envelope = path.read_bytes()
    path.write_bytes(envelope[:20] + bytes([envelope[20] ^ 1]) + envelope[21:])
    assert path.name[:8] in HOLDFAST.run(place, "backup", folder, code=1).err
    HOLDFAST.run(place, "restore", "latest", "--no-lock", "--target", tmp_path / "out")
    HOLDFAST.run(place, "unlock", "--remove-all")
    assert names(place) == set()
    HOLDFAST.run(place, "backup", folder)
    assert len(json.loads(restic().run(place, "snapshots", "--json").out)) == 2


def test_an_empty_lock_stops_nobody_and_is_no_damage(place: Path, folder: Path) -> None:
    path = sealing.stored(place, b"")
    for tool in (HOLDFAST, restic()):
        tool.run(place, "backup", folder)
        tool.run(place, "check")
    assert names(place) == {path.name}
    HOLDFAST.run(place, "unlock", "--remove-all")
    assert names(place) == set()
