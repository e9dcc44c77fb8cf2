"""Both tools work in one repository, one after the other."""

import json
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.comparing import differences
from engine.tests.support.exchange import PAIRS, in_turn
from engine.tests.support.tools import HOLDFAST, restic

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("ours_first", [True, False])
def test_both_in_turn(tmp_path: "Path", pair: tuple[int, str], ours_first: bool) -> None:
    version, name = pair
    tools = (HOLDFAST, restic(name)) if ours_first else (restic(name), HOLDFAST)

    def both_agree(place: "Path", folder: "Path") -> None:
        for tool in tools:
            tool.run(place, "check", "--read-data")
            tool.run(place, "restore", "latest", "--target", tmp_path / tool.name)
            assert differences(folder, tmp_path / tool.name / "folder") == []
            assert len(json.loads(tool.run(place, "snapshots", "--json").out)) == 4

    in_turn(tmp_path, version, tools, both_agree)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_repository_that_restic_made(tmp_path: "Path", pair: tuple[int, str]) -> None:
    """With a key as restic makes it; everything else uses one that costs less."""
    version, name = pair
    place, folder = tmp_path / "repository", tmp_path / "folder"
    restic(name).run(place, "init", "--repository-version", str(version))
    folder.mkdir()
    (folder / "file").write_bytes(b"content\n")
    HOLDFAST.run(place, "backup", "folder", cwd=tmp_path)
    HOLDFAST.run(place, "check", "--read-data")
    restic(name).run(place, "check", "--read-data")


@pytest.mark.parametrize("pair", PAIRS)
def test_a_repository_that_we_made(tmp_path: "Path", pair: tuple[int, str]) -> None:
    """With a key as we make it."""
    version, name = pair
    place = tmp_path / "repository"
    HOLDFAST.run(place, "init", "--repository-version", str(version))
    restic(name).run(place, "backup", "engine", cwd=tmp_path, code=1)
    (tmp_path / "file").write_bytes(b"content\n")
    restic(name).run(place, "backup", "file", cwd=tmp_path)
    config = json.loads(restic(name).run(place, "cat", "config").out)
    assert config["version"] == version
    assert json.loads(HOLDFAST.run(place, "cat", "config").out) == config
