"""Stores that are full, read-only, unreliable, slow, or lie."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.comparing import differences
from engine.tests.support.disks import enlarge, small_disk
from engine.tests.support.faults import Scene, assert_sound_and_alive
from engine.tests.support.tools import HOLDFAST, opened, restic

if TYPE_CHECKING:
    from pathlib import Path

UNRELIABLE = ",".join(
    f"any:{number}:{fault}"
    for number, fault in zip(range(2, 200, 3), cycle(["fail", "fail-after"]), strict=False)
)


def locks(scene: Scene) -> list[Path]:
    return list((scene.place / "locks").iterdir())


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("write/pack:1+:full", "space"),
        ("write/pack:2+:full", "space"),
        ("write/index:1+:full", "space"),
        ("write/snapshot:1+:full", "space"),
        ("write/lock:1+:full", "space"),
        ("write:1+:denied", "denied"),
    ],
)
def test_a_store_that_cannot_be_written(begun: Scene, tmp_path: Path, plan: str, said: str) -> None:
    ended = begun.backup(plan, code=1)
    assert said in ended.err
    assert locks(begun) == []
    assert_sound_and_alive(begun, tmp_path / "out")


def test_a_real_full_disk(begun: Scene, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "7M") as small:
        scene = begun.copied(small / "repository")
        assert "space" in scene.backup(code=1).err
        assert locks(scene) == []
        restic().run(scene.place, "check", "--no-lock", "--read-data")
        enlarge(small, "40M")
        assert_sound_and_alive(scene, tmp_path / "out")


def test_what_only_reads_works_without_rights_to_write(begun: Scene, tmp_path: Path) -> None:
    denied = {"HOLDFAST_FAULTS": "write:1+:denied,remove:1+:denied"}
    HOLDFAST.run(begun.place, "snapshots", env=denied, code=1)
    HOLDFAST.run(begun.place, "check", "--read-data", "--no-lock", env=denied)
    HOLDFAST.run(begun.place, "restore", "latest", "--target", tmp_path / "out", "--no-lock", env=denied)
    assert (tmp_path / "out" / "folder" / "old").stat().st_size == 2_000_000


def test_operations_that_fail_once_are_tried_again(begun: Scene, tmp_path: Path) -> None:
    unreliable = {"HOLDFAST_FAULTS": UNRELIABLE}
    begun.backup(UNRELIABLE)
    HOLDFAST.run(begun.place, "check", "--read-data", env=unreliable)
    HOLDFAST.run(begun.place, "restore", "latest", "--target", tmp_path / "theirs", env=unreliable)
    assert differences(begun.folder, tmp_path / "theirs" / "folder") == []
    assert locks(begun) == []
    assert_sound_and_alive(begun, tmp_path / "out")


@pytest.mark.parametrize("fault", ["flip", "short"])
@pytest.mark.parametrize("kind", ["pack", "index", "snapshot", "config", "key"])
def test_a_store_that_always_lies_is_never_believed(
    begun: Scene, tmp_path: Path, kind: str, fault: str
) -> None:
    lies = {"HOLDFAST_FAULTS": f"read/{kind}:1+:{fault}"}
    for words in (["check", "--read-data"], ["restore", "latest", "--target", tmp_path / "out"]):
        assert HOLDFAST.run(begun.place, *words, env=lies, code=None).code != 0


@pytest.mark.parametrize("fault", ["flip", "short"])
def test_a_store_that_lies_once_is_found_out_or_asked_again(begun: Scene, tmp_path: Path, fault: str) -> None:
    begun.backup()
    for number in range(1, 9):
        lie = {"HOLDFAST_FAULTS": f"read:{number}:{fault}"}
        out = tmp_path / f"out {number}"
        ended = HOLDFAST.run(begun.place, "restore", "latest", "--target", out, env=lie, code=None)
        assert ended.code or differences(begun.folder, out / "folder") == []


@pytest.mark.parametrize("kind", ["pack", "index", "snapshot"])
@pytest.mark.parametrize("fault", ["flip", "short"])
def test_what_a_store_wrote_wrong_is_found_by_both(begun: Scene, kind: str, fault: str) -> None:
    begun.backup(f"write/{kind}:1+:{fault}", code=None)
    HOLDFAST.run(begun.place, "check", "--read-data", code=1)
    restic().run(begun.place, "check", "--read-data", code=1)


@pytest.mark.parametrize("kind", ["pack", "index"])
def test_a_list_that_is_cut_short_is_no_empty_repository(begun: Scene, kind: str) -> None:
    begun.backup()
    short = {"HOLDFAST_FAULTS": f"list/{kind}:1+:short"}
    HOLDFAST.run(begun.place, "check", env=short, code=1)
    assert opened(begun.place).check(read_data=True).num_errors == 0
