"""Memory of whole commands on a mix that fills every buffer at once: never more than restic's, or 160 MB."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.odd_tree import content
from engine.tests.support.peaks import peak
from engine.tests.support.tools import HOLDFAST, Tool, new_repository, restic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ALLOWED = 160_000_000
LARGE = 160_000_000
SMALL_FILES = 12_000
COMMANDS = ("backup", "restore", "check")


@pytest.fixture(scope="module")
def peaks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, int]]:
    """Bytes by tool and command."""
    top = tmp_path_factory.mktemp("peaks")
    mix(top / "mix")
    found = {tool.name: measured(tool, top) for tool in (HOLDFAST, restic())}
    shutil.rmtree(top)
    return found


def mix(folder: Path) -> None:
    """What cannot be compressed, what can, and many small files, whose folders are long."""
    folder.mkdir()
    (folder / "random").write_bytes(content("random", LARGE))
    (folder / "text").write_bytes(b"".join(b"line %d of a long text\n" % line for line in range(LARGE // 40)))
    for number in range(SMALL_FILES):
        (folder / f"small {number}").write_bytes(content(str(number), 1500))


def measured(tool: Tool, top: Path) -> Mapping[str, int]:
    """Each command once, in a repository of the tool's own."""
    place, target = top / tool.name, top / "restored"
    new_repository(place)
    found = {
        "backup": peak(tool, place, "backup", top / "mix"),
        "restore": peak(tool, place, "restore", "latest", "--target", target),
        "check": peak(tool, place, "check", "--read-data"),
    }
    shutil.rmtree(target)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_no_more_than_restic_or_160_mb(
    peaks: Mapping[str, Mapping[str, int]], command: str
) -> None:
    ours, theirs = (peaks[tool.name][command] for tool in (HOLDFAST, restic()))
    assert ours <= max(theirs, ALLOWED), f"{command}: {ours / 1e6:.0f} MB, restic {theirs / 1e6:.0f} MB"
