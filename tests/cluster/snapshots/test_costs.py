"""What a group costs the API server, and what it tells: calls, Events, metrics."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from support import groups as looks
from support.groups import BACKUPS, cron, tier
from support.waiting import until

from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOTS

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
    since, events, seen = apart.now, looks.told(await away.events()), {uid(s) for s in known}
    while len(seen) < len(known) + COUNTED:
        known_now = await away.newer([{"metadata": {"uid": each}} for each in seen])
        seen |= {uid(s) for s in known_now}
    calls = apart.calls(since, away.place.namespace)
    created = [c for c in calls if (c.verb, c.status) == ("create", 201)]
    accepted = [c for c in calls if c.status != 409]
    assert COUNTED - 1 <= len(created) <= COUNTED + 1
    assert len(accepted) <= CALLS_A_SNAPSHOT * (len(created) + 1), accepted
    assert looks.told(await away.events()) - events <= len(created)


def uid(snapshot: Manifest) -> str:
    return str(snapshot["metadata"]["uid"])


async def test_groups_with_nothing_to_do_cost_no_call(away: Groups, apart: Apart) -> None:
    """While another group of the cluster takes and retires its snapshots."""
    rarely = cron("0 0 29 2 *", keep=1)
    idle = {"emptied": [], "suspended": [rarely], "rare": [rarely]}
    for name in (*idle, "busy"):
        await away.place.claim(name)
        await away.make(name, tier("1 second"), claim=name)
    for name, schedule in idle.items():
        await away.ready(1, name)
        await away.edit(name, schedule=schedule, suspend=name == "suspended")
    await away.make("missing", rarely, claim="missing")
    await away.state("NoSchedule", "emptied")
    await away.state("Paused", "suspended")
    await away.state("ClaimMissing", "missing")
    await away.state("Safe", "rare")
    since = apart.now
    for _ in range(6):
        await away.newer(await away.snapshots("busy"), "busy")
    calls = apart.calls(since, away.place.namespace)
    assert {c.name for c in calls if c.resource == "snapshotgroups"} == {"busy"}
    assert [c for c in calls if c.name.startswith(tuple(idle))] == []


async def test_the_metrics_say_how_a_group_stands_and_go_with_it(
    place: Place, groups: Groups, operator: Operator
) -> None:
    await place.claim("data")
    await groups.make(BACKUPS, tier("1 second", 1))
    await groups.make("uncovered", tier("1 second"), claim="missing")
    (first, *_) = await groups.ready(2)
    await groups.place.gone(SNAPSHOTS, first["metadata"]["name"])
    group = await groups.edit(suspend=True)

    async def shown() -> dict[str, float]:
        found = await groups.metrics(operator)
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
    uncovered = await groups.metrics(operator, "uncovered")
    assert (uncovered["covered"], uncovered["newest_ready_timestamp_seconds"]) == (0, 0)
    await groups.edit(suspend=False)

    async def covered() -> bool:
        return (await groups.metrics(operator))["covered"] == 1

    await until(covered)
    await place.delete(SNAPSHOT_GROUPS, BACKUPS)

    async def forgotten() -> bool:
        return await groups.metrics(operator) == {}

    await until(forgotten)
