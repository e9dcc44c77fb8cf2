"""Caches that were not used for long go when that is asked for."""

import os
from pathlib import Path

import pytest
from support.repositories import Program

DAY = 24 * 3600


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A cache that was used 40 days ago."""
    folder = tmp_path / "cache" / ("ab" * 32)
    folder.mkdir(parents=True)
    (folder / "version").write_text("1")
    then = folder.stat().st_mtime - 40 * DAY
    os.utime(folder, (then, then))
    return folder


@pytest.mark.parametrize("words", [["cache", "--cleanup"], ["snapshots", "--cleanup-cache"]], ids=" ".join)
def test_old_ones_are_removed(words: list[str], old: Path, saved: Path, holdfast: Program) -> None:
    del saved
    assert holdfast(*words).code == 0
    assert not old.exists()


@pytest.mark.parametrize("words", [["cache", "--cleanup", "--max-age", "50"], ["snapshots"]], ids=" ".join)
def test_others_stay(words: list[str], old: Path, saved: Path, holdfast: Program) -> None:
    del saved
    assert holdfast(*words).code == 0
    assert old.exists()


def test_they_are_listed_as_restic_lists_them(old: Path, holdfast: Program, restic: Program) -> None:
    assert old.exists()
    assert holdfast("cache") == restic("cache")
