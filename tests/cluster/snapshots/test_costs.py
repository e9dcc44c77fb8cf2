"""What a group costs the API server, and what it tells: calls, Events, metrics."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support import groups as looks
from support.groups import BACKUPS, tier
from support.waiting import until

from holdfast.api.resource import SNAPSHOT_GROUPS

if TYPE_CHECKING:
    from cluster.snapshots.apart import Apart
    from support.groups import Groups
    from support.objects import Manifest
    from support.operators import Operator
    from support.places import Place

pytestmark = pytest.mark.cluster

COUNTED = 8
CALLS_A_SNAPSHOT = 4  # create, look before deleting, report, delete


async def test_a_snapshot_costs_four_calls_and_no_event(away: Groups, apart: Apart) -> None:
    """On a busy machine a report may come too early for the cache and be repeated once in a while."""
    await away.place.claim("data")
    await away.make(BACKUPS, tier("2 seconds", 1))
    known = await away.ready(2)
    since, events, seen = apart.now, len(await away.events()), {uid(s) for s in known}
    while len(seen) < len(known) + COUNTED:
        known_now = await away.newer([{"metadata": {"uid": each}} for each in seen])
        seen |= {uid(s) for s in known_now}
    calls = apart.calls(since, away.place.namespace)
    created = [c for c in calls if (c.verb, c.status) == ("create", 201)]
    accepted = [c for c in calls if c.status != 409]
    assert COUNTED - 1 <= len(created) <= COUNTED + 1
    assert len(accepted) <= CALLS_A_SNAPSHOT * (len(created) + 1), accepted
    assert sum(map(said, await away.events())) - events <= len(created)


def uid(snapshot: Manifest) -> str:
    return str(snapshot["metadata"]["uid"])


def said(event: Manifest) -> int:
    return int(event.get("series", {}).get("count", 1))


async def test_groups_with_nothing_to_do_cost_no_call(away: Groups, apart: Apart) -> None:
    """While another group of the cluster takes and retires its snapshots."""
    await away.place.claim("data")
    for name in ("emptied", "suspended", "missing"):
        await away.make(name, tier("year", 1), claim="missing" if name == "missing" else "data")
    await away.edit("emptied", schedule=[])
    await away.edit("suspended", suspend=True)
    await away.state("Paused", "suspended")
    await away.state("ClaimMissing", "missing")
    await away.make("busy", tier("1 second"))
    since = apart.now
    for _ in range(6):
        await away.newer(await away.snapshots("busy"), "busy")
    idle = {"emptied", "suspended", "missing"}
    assert [c for c in apart.calls(since, away.place.namespace) if c.name in idle] == []


async def samples(operator: Operator, place: Place, name: str = BACKUPS) -> dict[str, float]:
    """The metrics of one group, by their names without the prefix."""
    labels = {"namespace": place.namespace, "group": name}
    return {
        sample.name.removeprefix("holdfast_group_"): sample.value
        for family in text_string_to_metric_families(await operator.metrics())
        for sample in family.samples
        if sample.name.startswith("holdfast_group_") and sample.labels == labels
    }


async def test_the_metrics_say_how_a_group_stands_and_go_with_it(
    place: Place, groups: Groups, operator: Operator
) -> None:
    await place.claim("data")
    await groups.make(BACKUPS, tier("1 second", 1))
    await groups.make("uncovered", tier("1 second"), claim="missing")
    await groups.ready(2)
    await groups.newer(await groups.snapshots())
    group = await groups.edit(suspend=True)

    async def shown() -> dict[str, float]:
        found = await samples(operator, place)
        assert found["covered"] == 0
        return found

    found, status = await until(shown), (await groups.state("Paused"))["status"]
    newest = datetime.fromisoformat(status["newestReady"]).timestamp()
    assert found["newest_ready_timestamp_seconds"] == newest
    assert found["ready_snapshots"] == status["ready"] >= 2
    assert found["missed_runs"] == status.get("missed", 0)
    assert found["snapshots_taken_total"] >= 3
    assert found["snapshots_retired_total"] >= 1
    assert (found["failed_snapshots"], found["overdue_tiers"]) == (0, 0)
    assert looks.condition(group, "Accepted")["status"] == "True"
    uncovered = await samples(operator, place, "uncovered")
    assert (uncovered["covered"], uncovered["newest_ready_timestamp_seconds"]) == (0, 0)
    await groups.edit(suspend=False)

    async def covered() -> bool:
        return (await samples(operator, place))["covered"] == 1

    await until(covered)
    await place.delete(SNAPSHOT_GROUPS, BACKUPS)

    async def forgotten() -> bool:
        return await samples(operator, place) == {}

    await until(forgotten)
