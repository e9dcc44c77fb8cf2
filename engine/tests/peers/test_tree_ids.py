"""The same folder has the same tree in both tools: nothing is stored twice when one follows the other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from engine.tests.support import odd_tree
from engine.tests.support.stored import nodes, tree_differences, without_times_above
from engine.tests.support.tools import HOLDFAST, Tool, opened, restic

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Africa/Monrovia"]


def both(place: Path, *arguments: str | Path, cwd: Path | None = None, zone: str = "UTC") -> tuple[str, str]:
    """The root trees that both tools make, ours first, both without help of a parent."""

    def backup(tool: Tool) -> str:
        tool.run(place, "backup", "--force", *arguments, cwd=cwd, env={"TZ": zone})
        return tool.tree(place)

    return backup(HOLDFAST), backup(restic())


def assert_equal(place: Path, trees: tuple[str, str]) -> None:
    assert list(tree_differences(opened(place), *trees)) == []
    assert trees[0] == trees[1]


@pytest.mark.parametrize("zone", ZONES)
def test_the_odd_tree_in_any_zone(place: Path, odd: Path, zone: str) -> None:
    assert_equal(place, both(place, "tree", cwd=odd.parent, zone=zone))


@pytest.mark.parametrize("flag", ["--with-atime", "--one-file-system", "--exclude-caches"])
def test_the_odd_tree_with_flags(place: Path, odd: Path, flag: str) -> None:
    targets = [path for path in sorted(odd.iterdir()) if path.name not in ("sizes", "folders")]
    names = [path.relative_to(odd.parent) for path in targets]
    both(place, flag, *names, cwd=odd.parent)  # what is read has a new time of access; from now on it has not
    assert_equal(place, both(place, flag, *names, cwd=odd.parent))


@pytest.mark.parametrize(
    "targets",
    [
        ["."],
        ["./names"],
        ["names", "times"],
        ["names", "names"],
        ["links/sub", "links"],
        ["links", "links/sub"],
        ["links/a", "links/sub/c", "times/epoch"],
        ["times/../times/epoch"],
        ["links//sub/"],
        ["folders/a/b/c", "folders/a/b"],
        ["names", "../tree/names"],
        ["../tree/rights", "rights"],
    ],
)
def test_relative_targets(place: Path, odd: Path, targets: list[str]) -> None:
    assert_equal(place, both(place, *targets, cwd=odd))


@pytest.mark.parametrize("below", ["", "names", "links/sub"])
def test_absolute_targets(place: Path, odd: Path, below: str) -> None:
    target = odd / below
    ours, theirs = both(place, target)
    repository = opened(place)
    way = os.fsencode(target)
    mine = without_times_above(repository, ours, way)
    assert mine == without_times_above(repository, theirs, way)
    assert "subtree" in mine[-1]


def test_the_root_of_a_file_system_is_entered_as_target(place: Path, odd: Path) -> None:
    """`/` as target holds its entries, with no folder above them."""
    keep = odd.parts[1]
    excludes = [f"--exclude={path}" for path in Path("/").iterdir() if path.name != keep]
    ours, theirs = both(place, *excludes, f"--exclude=/{keep}/*", "/")
    repository = opened(place)
    assert [node["name"] for node in nodes(repository, ours)] == [keep]
    assert [node["name"] for node in nodes(repository, theirs)] == [keep]


def test_changes_with_a_parent(place: Path, tmp_path: Path) -> None:
    """Each tool goes on from its own snapshot, then from the other's."""
    top = odd_tree.build(tmp_path / "tree")
    assert_equal(place, both(place, "tree", cwd=tmp_path))
    (top / "sizes" / "text").write_bytes(b"shorter")
    (top / "names" / "-n").unlink()
    (top / "links" / "b").unlink()
    (top / "links" / "sub" / "new").write_bytes(odd_tree.content("new", 1_000_000))
    (top / "rights" / "400").chmod(0o444)
    (top / "folders" / "empty").rmdir()
    (top / "folders" / "empty").write_bytes(b"a file now")
    os.removexattr(top / "attributes" / "many", "user.7")
    os.utime(top / "times" / "epoch", (5, 5))
    (top / "kinds" / "dangling").unlink()
    (top / "kinds" / "dangling").mkdir()
    for first, second in [(HOLDFAST, restic()), (restic(), HOLDFAST)]:
        trees = []
        for tool in (first, second):
            tool.run(place, "backup", "tree", cwd=tmp_path, env={"TZ": "UTC"})
            trees.append(tool.tree(place))
        assert_equal(place, (trees[0], trees[1]))
    assert_equal(place, (trees[0], both(place, "tree", cwd=tmp_path)[0]))


def test_every_character_in_a_folder_of_a_hundred_thousand(place: Path, tmp_path: Path) -> None:
    """Go's quoting depends on tables of Unicode; each code point is in some name."""
    (tmp_path / "many").mkdir()
    points = [
        point for point in range(1, sys.maxunicode + 1) if chr(point) != "/" and not 0xD800 <= point < 0xE000
    ]
    for start in range(0, len(points), 11):
        name = "".join(map(chr, points[start : start + 11])).encode()
        os.close(os.open(os.fsencode(tmp_path / "many") + b"/" + name, os.O_CREAT | os.O_WRONLY))
    assert len(list((tmp_path / "many").iterdir())) > 100_000
    assert_equal(place, both(place, "many", cwd=tmp_path))
