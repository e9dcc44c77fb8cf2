"""Memory of whole commands on a mix that fills every buffer at once: never more than restic's, or 160 MB.

In a folder, and in a store that is so far away that every connection it likes is waiting all the time.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from engine.tests.support import servers
from engine.tests.support.distance import distant
from engine.tests.support.odd_tree import content
from engine.tests.support.peaks import peak
from engine.tests.support.tools import HOLDFAST, Tool, new_repository, restic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Peaks = Mapping[str, Mapping[str, int]]
    """Bytes by tool and command."""

ALLOWED = 160_000_000
LARGE = 160_000_000
SMALL_FILES = 12_000
DELAY = 0.05
COMMANDS = ("backup", "restore", "check")


@pytest.fixture(scope="module", params=["folder", "far"])
def peaks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Peaks:
    top = tmp_path_factory.mktemp("peaks")
    mix(top / "mix")
    if request.param == "folder":
        found = {tool.name: measured(tool, str(top / tool.name), top) for tool in (HOLDFAST, restic())}
    else:
        with servers.rest(top / "files") as store, distant(store.server.port, DELAY) as port:
            found = {HOLDFAST.name: measured(HOLDFAST, f"rest:http://127.0.0.1:{port}/repository", top)}
    shutil.rmtree(top)
    return found


def mix(folder: Path) -> None:
    """What cannot be compressed, what can, and many small files, whose folders are long."""
    folder.mkdir()
    (folder / "random").write_bytes(content("random", LARGE))
    (folder / "text").write_bytes(b"".join(b"line %d of a long text\n" % line for line in range(LARGE // 40)))
    for number in range(SMALL_FILES):
        (folder / f"small {number}").write_bytes(content(str(number), 1500))


def measured(tool: Tool, place: str, top: Path) -> Mapping[str, int]:
    """Each command once, in a repository of the tool's own."""
    target = top / "restored"
    new_repository(place)
    found = {
        "backup": peak(tool, place, "backup", top / "mix"),
        "restore": peak(tool, place, "restore", "latest", "--target", target),
        "check": peak(tool, place, "check", "--read-data"),
    }
    shutil.rmtree(target)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_no_more_than_restic_or_160_mb(peaks: Peaks, command: str) -> None:
    ours, theirs = (peaks.get(tool.name, {}).get(command, 0) for tool in (HOLDFAST, restic()))
    assert 0 < ours <= max(theirs, ALLOWED), f"{command}: {ours / 1e6:.0f} MB, restic {theirs / 1e6:.0f} MB"
