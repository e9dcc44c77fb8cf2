"""`holdfast backup logs`, `download` and `delete`, with the operator at work."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from support.locations import Shelf, new_shelf

if TYPE_CHECKING:
    from pathlib import Path

    from cluster.cli.program import Program
    from support.places import Place

pytestmark = pytest.mark.cluster


@pytest.fixture
async def shelf(place: Place, tmp_path: Path) -> Shelf:
    """A folder as a location, with a backup that is called like it."""
    (tmp_path / "store").mkdir()
    made = await new_shelf(place.sandbox, place.client, tmp_path / "store")
    made.put(made.name)
    folder = made.folder / "backups" / made.name
    (folder / f"{made.name}.tar.gz").write_bytes(b"tarball")
    (folder / f"{made.name}-logs.gz").write_bytes(gzip.compress(b"level=info msg=begun\n"))
    await made.came(made.name)
    return made


async def test_the_log_of_a_backup_is_printed(holdfast: Program, shelf: Shelf) -> None:
    ended = await holdfast("backup", "logs", shelf.name, "--location", shelf.name)
    assert (ended.code, ended.out) == (0, "level=info msg=begun\n"), ended.err
    absent = await holdfast("backup", "logs", "none", "--location", shelf.name)
    assert absent.code == 3


async def test_a_torn_log_is_named(holdfast: Program, shelf: Shelf) -> None:
    file = shelf.folder / "backups" / shelf.name / f"{shelf.name}-logs.gz"
    file.write_bytes(file.read_bytes()[:-9])
    ended = await holdfast("backup", "logs", shelf.name, "--location", shelf.name)
    assert (ended.code, f"{shelf.name}-logs.gz is damaged" in ended.err) == (1, True), ended.err


async def test_a_tarball_is_fetched_whole_or_not_at_all(
    holdfast: Program, shelf: Shelf, tmp_path: Path
) -> None:
    file = tmp_path / "here.tar.gz"
    line = ("backup", "download", shelf.name, "--location", shelf.name, "-o", str(file))
    assert (await holdfast(*line)).code == 0
    assert file.read_bytes() == b"tarball"

    (shelf.folder / "backups" / shelf.name / f"{shelf.name}.tar.gz").unlink()
    refused = await holdfast(*line)
    assert (refused.code, "is there already" in refused.err) == (5, True)
    assert (await holdfast(*line, "--force")).code == 3
    assert file.read_bytes() == b"tarball"
    assert not file.with_name("here.tar.gz.part").exists()


async def test_a_backup_is_deleted_and_its_end_is_told(holdfast: Program, shelf: Shelf) -> None:
    await shelf.change(accessMode="ReadOnly")
    refused = await holdfast("backup", "delete", shelf.name, "--confirm", "--wait")
    assert (refused.code, "is read-only" in refused.err) == (9, True), refused.err
    assert await shelf.backup(shelf.name)

    await shelf.change(accessMode="ReadWrite")
    done = await holdfast("backup", "delete", shelf.name, "--confirm", "--wait")
    assert f"Backup {shelf.name} is gone." in done.out, done.err
    assert await shelf.backup(shelf.name) is None
    assert not [path for path in shelf.folder.glob("backups/*/*") if path.is_file()]
    absent = await holdfast("backup", "delete", shelf.name, "--confirm")
    assert (absent.code, f"has no backup {shelf.name}" in absent.err) == (3, True)


@pytest.mark.parametrize("line", [(), ("a", "--all"), ("a", "-l", "team=blue")])
async def test_it_must_be_said_which_backups(holdfast: Program, line: tuple[str, ...]) -> None:
    assert (await holdfast("backup", "delete", *line)).code == 2
