"""What one tool wrote, read by another: the tests of every pair of tools, in both directions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from engine.tests.support.comparing import differences
from engine.tests.support.odd_tree import content
from engine.tests.support.tools import NEWEST, RESTICS, Tool, new_repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAIRS = [pytest.param((version, name), id=f"v{version}-{name}") for version in (1, 2) for name in RESTICS]
COUNTS = ("total_size", "total_file_count", "total_blob_count", "total_uncompressed_size")
MODES = ("restore-size", "files-by-contents", "blobs-per-file", "raw-data")


@dataclass(frozen=True)
class Written:
    """A repository with the odd tree, and a small folder before and after changes."""

    place: Path
    writer: Tool
    reader: Tool
    odd: Path
    """The source; its snapshot is tagged `odd`."""
    small: Path
    """The source after the changes; two snapshots tagged `small`."""

    @property
    def beyond_it(self) -> tuple[str, ...]:
        """Entries that restic 0.14 can neither save nor restore: attributes of links, targets that are not UTF-8."""
        old = "0.14.0" in self.writer.name + self.reader.name
        return ("b'attributes/link'", "b'names/link'") if old else ()

    @property
    def equal_bytes(self) -> bool:
        """Older restics write other trees for some of the odd names."""
        return NEWEST in self.writer.name + self.reader.name


def write(top: Path, odd: Path, version: int, writer: Tool, reader: Tool) -> Written:
    """Three snapshots in a new repository."""
    place = top / "repository"
    new_repository(place, version)
    writer.run(place, "backup", "--tag", "odd", "tree", cwd=odd.parent)
    small = top / "small"
    first_state(small)
    writer.run(place, "backup", "--tag", "small", "small", cwd=top)
    second_state(small)
    writer.run(place, "backup", "--tag", "small", "small", cwd=top)
    return Written(place, writer, reader, odd, small)


def first_state(folder: Path) -> None:
    """A folder before changes."""
    (folder / "sub").mkdir(parents=True)
    (folder / "same").write_bytes(content("same", 700_000))
    (folder / "changed").write_bytes(content("changed", 3_000_000))
    (folder / "sub" / "gone").write_bytes(b"gone\n")
    (folder / "other type").write_bytes(b"file\n")


def second_state(folder: Path) -> None:
    """The folder of `first_state` after changes."""
    with (folder / "changed").open("r+b") as file:
        file.seek(1_500_000)
        file.write(b"changed")
    (folder / "sub" / "gone").unlink()
    (folder / "sub" / "added").write_bytes(b"added\n")
    (folder / "other type").unlink()
    (folder / "other type").symlink_to("same")


CHANGES = {
    ("/small/changed", "M"),
    ("/small/other type", "T"),
    ("/small/sub/added", "+"),
    ("/small/sub/gone", "-"),
}


class Exchange:
    """Each test asks the reader about what the writer wrote."""

    def test_it_is_sound(self, written: Written) -> None:
        said = written.reader.run(written.place, "check", "--read-data")
        assert "no errors were found" in said.out
        assert "error" not in said.err.lower()

    def test_it_restores_what_was_saved(self, written: Written, tmp_path: Path) -> None:
        written.reader.run(
            written.place, "restore", "latest", "--tag", "odd", "--target", tmp_path / "out", "--verify"
        )
        found = differences(written.odd, tmp_path / "out" / "tree")
        assert [line for line in found if not line.startswith(written.beyond_it)] == []

    def test_it_lists_the_same(self, written: Written) -> None:
        theirs, ours = (
            tool.run(written.place, "ls", "--json", "latest", "--tag", "odd").documents[1:]
            for tool in (written.writer, written.reader)
        )
        assert len(ours) > 2000
        assert [_listed(node) for node in ours] == [_listed(node) for node in theirs]

    def test_it_sees_what_changed(self, written: Written) -> None:
        snapshots = json.loads(written.reader.run(written.place, "snapshots", "--json", "--tag", "small").out)
        said = written.reader.run(written.place, "diff", "--json", *(each["id"] for each in snapshots))
        changes = {
            (each["path"], each["modifier"]) for each in said.documents if each["message_type"] == "change"
        }
        assert changes == CHANGES

    @pytest.mark.parametrize("mode", MODES)
    def test_it_counts_the_same(self, written: Written, mode: str) -> None:
        theirs, ours = (
            json.loads(tool.run(written.place, "stats", "--json", "--mode", mode).out)
            for tool in (written.writer, written.reader)
        )
        both = [name for name in COUNTS if name in ours and name in theirs]
        assert "total_size" in both
        assert {name: ours[name] for name in both} == {name: theirs[name] for name in both}

    def test_a_backup_on_top_stores_nothing(self, written: Written) -> None:
        said = written.reader.run(
            written.place, "backup", "--json", "--tag", "odd", "tree", cwd=written.odd.parent
        ).summary
        assert (said["files_new"], said["files_changed"], said["data_blobs"]) == (0, 0, 0)
        if written.equal_bytes:
            assert (said["tree_blobs"], said["data_added"]) == (0, 0)

    def test_a_backup_on_top_knows_contents_without_a_parent(self, written: Written) -> None:
        said = written.reader.run(
            written.place, "backup", "--json", "--force", "--tag", "odd", "tree", cwd=written.odd.parent
        ).summary
        assert said["files_new"] > 2000
        assert said["data_blobs"] == 0


def _listed(node: dict[str, Any]) -> dict[str, Any]:
    wanted = ("path", "type", "size", "mode", "mtime", "uid", "gid", "permissions")
    return {name: node[name] for name in wanted if name in node}


def in_turn(top: Path, version: int, tools: tuple[Tool, Tool], check: Callable[[Path, Path], None]) -> None:
    """Both back up the same growing folder, again and again."""
    place, folder = top / "repository", top / "folder"
    new_repository(place, version)
    folder.mkdir()
    for turn in range(4):
        (folder / f"file {turn}").write_bytes(content(str(turn), 900_000))
        (folder / "log").write_bytes(content("log", 400_000 * (turn + 1)))
        tools[turn % 2].run(place, "backup", "folder", cwd=top)
    check(place, folder)
