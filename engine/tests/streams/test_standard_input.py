"""What is piped into a backup: the same from both tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.odd_tree import content
from engine.tests.support.stored import nodes
from engine.tests.support.tools import HOLDFAST, opened, restic

if TYPE_CHECKING:
    from pathlib import Path

BIG = content("piped", 9_000_000)
COMMAND = ("--stdin-from-command", "--", "sh", "-c")
VARYING = ("mtime", "atime", "ctime")


@pytest.mark.parametrize("flags", [["--stdin"], ["--stdin", "--stdin-filename", "/a/b.sql"]])
@pytest.mark.parametrize("piped", [b"x", BIG], ids=["small", "big"])
def test_what_comes_in_is_saved_alike(place: Path, flags: list[str], piped: bytes) -> None:
    found = []
    for tool in (HOLDFAST, restic()):
        said = tool.run(place, "backup", "--json", *flags, stdin=piped).summary
        found.append(
            {name: said[name] for name in ("files_new", "total_bytes_processed", "total_files_processed")}
        )
    assert found[0] == found[1]
    assert said["data_blobs"] == 0
    path = flags[-1] if len(flags) > 1 else "/stdin"
    assert restic().run(place, "dump", "latest", path).out.encode("utf-8", "surrogateescape") == piped


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--stdin"], 3),
        ([*COMMAND, "echo fine"], 0),
        ([*COMMAND, "exit 0"], 3),
        ([*COMMAND, "echo half; exit 5"], 1),
        ([*COMMAND, "exit 5"], 1),
        (["--stdin-from-command", "--", "no such program"], 1),
    ],
)
def test_nothing_or_a_failure_is_no_content(place: Path, arguments: list[str], code: int) -> None:
    """An empty dump is a dump that failed: its exit code says so, and no empty file stands for it."""
    seen = []
    for tool in (HOLDFAST, restic()):
        tool.run(place, "backup", *arguments, code=code)
        snapshots = json.loads(tool.run(place, "snapshots", "--json").out)
        seen.append(
            [node["name"] for snapshot in snapshots for node in nodes(opened(place), snapshot["tree"])]
        )
    assert seen[1] == seen[0] * 2
