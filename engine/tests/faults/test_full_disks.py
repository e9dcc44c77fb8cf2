"""A full disk where a restore goes to."""

from __future__ import annotations

import filecmp
import os
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.disks import enlarge, small_disk
from engine.tests.support.tools import HOLDFAST, restic

if TYPE_CHECKING:
    from pathlib import Path

FILES, SIZE = 8, 2_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixteen megabytes that cannot be compressed."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"file-{number}").write_bytes(os.urandom(SIZE))
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def whole(folder: Path, target: Path) -> set[str]:
    """Names of the files that are there with all of their contents."""
    right, _, _ = filecmp.cmpfiles(folder, target, names(folder), shallow=False)
    return {*right}


def test_a_full_target(place: Path, folder: Path, tmp_path: Path) -> None:
    HOLDFAST.run(place, "backup", folder)
    with small_disk(tmp_path / "small", "8M") as small:
        words: list[str | Path] = ["restore", f"latest:{folder}", "--target", small]
        said = HOLDFAST.run(place, *words, "--verify", code=1)
        restic().run(place, *words[:-1], small / "theirs", code=1)
        restored = whole(folder, small)
        lost = names(folder) - restored
        assert lost
        assert f"Restored {len(restored)} / {FILES} files/dirs" in said.out
        for name in lost:
            assert f"cannot write {small / name}: No space left on device" in said.err
            assert not (small / name).exists()
        assert "make room and restore again" in said.err
        enlarge(small, "80M")
        HOLDFAST.run(place, *words, "--verify")
        assert whole(folder, small) == names(folder)
