"""`holdfast coverage`, with the operator at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.waiting import until

from holdfast.api import keys

if TYPE_CHECKING:
    from cluster.cli.program import Program
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_every_claim_has_its_newest_snapshot_or_the_reason_why_it_has_none(
    place: Place, holdfast: Program
) -> None:
    await place.claim("scheduled")
    await place.group("often", claim="scheduled", schedule=[{"every": "5 seconds", "keep": 1}])
    await place.claim("by-hand")
    await place.snapshot("once", "by-hand")
    await place.claim("never")
    await place.claim("out", metadata={"labels": {keys.OPT_OUT: "true"}})
    await place.claim("waiting", storageClassName="dir-wait", bound=False)

    async def covered() -> bool:
        rows = {row["claim"]: row for row in (await holdfast("coverage", "-o", "json")).json}
        return bool(rows["scheduled"]["status"] == "Safe" and rows["scheduled"]["newestReady"])

    await until(covered)
    rows = {row["claim"]: row for row in (await holdfast("coverage", "-o", "json")).json}
    assert {name: row["status"] for name, row in rows.items()} == {
        "scheduled": "Safe",
        "by-hand": "NoSchedule",
        "never": "NoSchedule",
        "out": "OptedOut",
        "waiting": "NotBound",
    }
    assert rows["by-hand"]["newestReady"]
    assert rows["never"]["newestReady"] is None
    assert rows["scheduled"]["proven"] is None
    assert "no SnapshotGroup names it" in rows["never"]["reason"]


async def test_only_what_is_not_covered_is_listed_on_request(place: Place, holdfast: Program) -> None:
    await place.claim("never")
    ended = await holdfast("coverage", "--uncovered")
    assert [row[:4] for row in ended.rows] == [[place.namespace, "never", "NoSchedule", "never"]]
    assert "0 of 1 claims are safe." in ended.err
