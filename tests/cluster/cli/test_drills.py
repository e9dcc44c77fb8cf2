"""Drills at the command line: asked for, followed to their result, listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from support import drills

from holdfast.api.resource import RESTORE_DRILLS

if TYPE_CHECKING:
    from cluster.cli.program import Program
    from support.places import Place

pytestmark = pytest.mark.cluster


@pytest_asyncio.fixture(loop_scope="session")
async def shop(place: Place) -> Place:
    """A drill of a group with one restore point."""
    await place.claim()
    await place.group()
    await place.group_snapshot("backups", 1600000000)
    await drills.create(place)
    return place


async def test_a_run_is_followed_to_its_proof(shop: Place, holdfast: Program) -> None:
    done = await holdfast("drill", "run", drills.NAME, "--wait", "--json")
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert lines[-1]["result"] == "Proven"

    assert (await holdfast("coverage", "-o", "json")).json[0]["proven"]

    (row,) = (await holdfast("drill", "list")).rows
    assert (row[0], row[1], row[-1]) == (drills.NAME, "backups", "Proven")
    described = (await holdfast("drill", "describe", drills.NAME)).out
    assert "by snapshot backups-1600000000" in described
    assert "nobody looked at the data" in described
    listed = (await holdfast("drill", "list", "-o", "json")).json
    status = (await shop.get(RESTORE_DRILLS, drills.NAME))["status"]
    assert listed["items"][0]["status"]["history"] == status["history"]


async def test_each_run_that_is_asked_for_is_one_run(shop: Place, holdfast: Program) -> None:
    for _ in range(2):
        assert (await holdfast("drill", "run", drills.NAME, "--wait")).code == 0
    assert len((await shop.get(RESTORE_DRILLS, drills.NAME))["status"]["history"]) == 2


async def test_a_dry_run_names_the_snapshot_and_asks_for_nothing(shop: Place, holdfast: Program) -> None:
    done = await holdfast("drill", "run", drills.NAME, "--dry-run")
    assert done.code == 0, done.err
    assert "snapshot backups-1600000000 of " in done.out
    assert "annotations" not in (await shop.get(RESTORE_DRILLS, drills.NAME))["metadata"]


async def test_a_run_that_proves_nothing_has_an_exit_code_of_its_own(shop: Place, holdfast: Program) -> None:
    pod = {"image": "none", "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}}
    await drills.create(shop, "fails", check={"pod": pod})
    done = await holdfast("drill", "run", "fails", "--wait")
    assert done.code == 9
    assert "must be less than or equal to cpu limit" in done.err
    assert not await drills.leftovers(shop)


async def test_what_cannot_run_is_refused_before_it_is_asked_for(shop: Place, holdfast: Program) -> None:
    await drills.create(shop, "lost", group="missing")
    refused = await holdfast("drill", "run", "lost")
    assert refused.code == 4
    assert "SnapshotGroup missing does not exist" in refused.err
    assert "annotations" not in (await shop.get(RESTORE_DRILLS, "lost"))["metadata"]


async def test_a_drill_that_does_not_exist_is_missing(place: Place, holdfast: Program) -> None:  # noqa: ARG001
    for verb in ("run", "describe"):
        missing = await holdfast("drill", verb, "none")
        assert missing.code == 3
        assert "RestoreDrill none does not exist" in missing.err
