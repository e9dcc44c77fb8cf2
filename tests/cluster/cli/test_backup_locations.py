"""`holdfast backup-location`, with the operator at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from cluster.cli.program import Program
from support.locations import NAMESPACE, Shelf, new_shelf

from holdfast.cli.reference import verbs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.places import Place

    from holdfast.cli.commanding import Verb

pytestmark = pytest.mark.cluster


@pytest.fixture
async def shelf(place: Place, tmp_path: Path) -> AsyncIterator[Shelf]:
    """A folder as a location, with one backup."""
    made = await new_shelf(place.sandbox, place.client, tmp_path)
    made.put(f"{made.name}-a")
    await made.came(f"{made.name}-a")
    yield made
    await Program(place.sandbox.kubeconfig)("backup-location", "delete", made.name, "--yes")


async def test_locations_are_listed_with_veleros_columns(
    holdfast: Program, shelf: Shelf, tmp_path: Path
) -> None:
    ended = await holdfast("backup-location", "get", shelf.name)
    assert ended.out.splitlines()[0].split("   ")[0].strip() == "NAME"
    (row,) = ended.rows
    assert row[:4] == [shelf.name, "file", str(tmp_path), "Available"]
    assert "ReadWrite" in row
    (listed,) = (await holdfast("backup-location", "get", shelf.name, "-o", "json")).json["items"]
    assert listed["spec"]["provider"] == "file"


async def test_a_location_is_made_and_taken_away_and_its_backups_stay_in_the_store(
    holdfast: Program, shelf: Shelf, tmp_path: Path
) -> None:
    gone = await holdfast("backup-location", "delete", shelf.name, "--confirm")
    assert "with the objects of 1 backups" in gone.out, gone.err
    await shelf.went(f"{shelf.name}-a")
    assert (tmp_path / "backups" / f"{shelf.name}-a" / "velero-backup.json").exists()

    flags = ("--provider=file", f"--bucket={tmp_path}", "--backup-sync-period=1s", "--access-mode=ReadOnly")
    made = await holdfast("backup-location", "create", shelf.name, *flags, "--labels", "team=blue")
    assert made.code == 0, made.err
    await shelf.came(f"{shelf.name}-a")
    assert (await shelf.object())["metadata"]["labels"] == {"team": "blue"}


async def test_nothing_is_saved_in_a_location_that_is_read_only(holdfast: Program, shelf: Shelf) -> None:
    await shelf.change(accessMode="ReadOnly")
    flags = ("--include-namespaces", "default", "--location", shelf.name)
    refused = await holdfast("backup", "create", f"{shelf.name}-b", *flags)
    assert refused.code == 4
    assert f"Location {shelf.name} is read-only" in refused.err
    assert not (shelf.folder / "backups" / f"{shelf.name}-b").exists()


async def test_there_is_one_default_location(holdfast: Program, shelf: Shelf, tmp_path: Path) -> None:
    other = f"{shelf.name}-2"
    flags = ("--provider=file", f"--bucket={tmp_path}", "--default")
    assert (await holdfast("backup-location", "create", other, *flags)).code == 0
    assert (await holdfast("backup-location", "set", shelf.name, "--default")).code == 0
    (row,) = (await holdfast("backup-location", "get", "--default")).rows
    assert row[0] == shelf.name
    await holdfast("backup-location", "set", shelf.name, "--no-default")
    assert (await holdfast("backup-location", "delete", other, "--yes")).code == 0


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (("get", "none"), 3, "no location none"),
        (("set", "none", "--default"), 3, "no location none"),
        (("set", "none"), 2, "What shall change?"),
        (("delete",), 2, "Which locations?"),
        (("delete", "a", "--all"), 2, "Which locations?"),
        (
            ("create", "a", "--provider=file", "--bucket=/b", "--config=region"),
            2,
            "--config: 'region' is no pair",
        ),
        (("create", "a", "--provider=file", "--bucket=/b", "--credential=a=b,c=d"), 2, "names two Secrets"),
        (
            ("create", "a", "--provider=file", "--bucket=/b", "--backup-sync-period=1d"),
            4,
            "'1d' is no length",
        ),
        (("create", "A_", "--provider=file", "--bucket=/b"), 4, "A_"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    holdfast: Program, line: tuple[str, ...], code: int, said: str
) -> None:
    ended = await holdfast("backup-location", *line)
    assert ended.code == code, ended.err
    assert said in ended.err


async def test_examples_run_in_this_order(holdfast: Program) -> None:
    known = {
        verb.command_path.split()[-1]: verb for verb in verbs() if " backup-location " in verb.command_path
    }
    for name in ("create", "set", "get", "delete"):
        for line in cast("Verb", known[name].command).examples.splitlines():
            if line.startswith("$ "):
                ended = await holdfast.shell(line.removeprefix("$ "), NAMESPACE)
                assert ended.code == 0, f"{line}\n{ended.err}"
