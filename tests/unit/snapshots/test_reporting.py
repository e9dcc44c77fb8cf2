"""What a group's status says: of runs that were passed over, of errors, of what nobody can read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from unit.snapshots.simulating import Simulation, group_of, snapshot_of

from holdfast.api import keys
from holdfast.control.keys import Key
from holdfast.snapshots.measuring import GroupMetrics
from holdfast.snapshots.reading import read_schedule

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TEN_MINUTES = {"every": "10 minutes", "keep": 2}
KEY = Key("shop", "backups")


def test_runs_passed_over_are_counted_once_for_the_snapshot_that_stands_for_them() -> None:
    group = Simulation(group_of(TEN_MINUTES))
    group.run(HOUR, MINUTE)
    group.time += HOUR
    group.step()
    group.step()
    assert group.group.status.missed == 5


def test_while_every_take_fails_no_passed_over_run_is_counted_twice() -> None:
    """Each new attempt comes after runs of its own; the runs before it were counted with the attempts before."""
    group = Simulation(group_of(TEN_MINUTES, retention={"readyWithin": "20m"}))
    group.run(HOUR, MINUTE)
    for _ in range(6):
        group.time += 20 * MINUTE
        group.step()
        group.snapshots.pop()
    assert group.group.status.missed <= 12


@pytest.mark.parametrize("kind", [keys.MANUAL, keys.REQUEST])
def test_a_failing_snapshot_outside_the_schedule_does_not_make_the_group_failing(kind: str) -> None:
    group = Simulation(group_of(TEN_MINUTES))
    group.run(HOUR, MINUTE)
    notes = {keys.GEMINI_GROUP: "backups", kind: "1"}
    later = group.time + MINUTE
    group.snapshots.append(snapshot_of("x", annotations=notes, created=later, ready=False, error="no"))
    group.step()
    assert group.condition("Covered").reason == "Safe"


@pytest.mark.parametrize(("age", "reason"), [(0, "Failing"), (30, "Safe")])
def test_an_error_is_told_until_a_newer_snapshot_is_ready(age: int, reason: str) -> None:
    group = Simulation(group_of(TEN_MINUTES))
    group.run(HOUR, MINUTE)
    notes = {keys.GEMINI_MANAGED_BY: "gemini", keys.GEMINI_GROUP: "backups"}
    created = group.time - age * MINUTE
    group.snapshots.append(
        snapshot_of("x", annotations=notes, created=created, ready=False, error="pool is full")
    )
    group.step()
    covered = group.condition("Covered")
    assert covered.reason == reason
    assert ("pool is full" in covered.message) == (reason == "Failing")


@pytest.mark.parametrize(
    ("retention", "field"),
    [
        ({"maxAge": "a while"}, "retention.maxAge"),
        ({"maxAge": "0 days"}, "retention.maxAge"),
        ({"readyWithin": "-1h"}, "retention.readyWithin"),
        ({"minReady": -1}, "retention.minReady"),
        ({"retainedContents": "delete"}, "retention.retainedContents"),
    ],
)
def test_a_limit_that_cannot_be_read_is_named_and_the_tiers_go_on(
    retention: dict[str, object], field: str
) -> None:
    schedule = read_schedule(group_of(TEN_MINUTES, retention=retention))
    (problem,) = schedule.problems
    assert field in str(problem)
    assert [tier.text for tier in schedule.tiers] == ["10 minutes"]


def test_for_alerts_a_group_without_a_ready_snapshot_is_as_old_as_can_be_and_a_gone_one_is_forgotten() -> (
    None
):
    registry = CollectorRegistry()
    metrics = GroupMetrics(registry)

    def newest() -> float | None:
        labels = {"namespace": KEY.namespace, "group": KEY.name}
        return registry.get_sample_value("holdfast_group_newest_ready_timestamp_seconds", labels)

    group = Simulation(group_of(TEN_MINUTES))
    group.run(HOUR, MINUTE)
    metrics.show(KEY, group.group.status, group.step())
    created = group.snapshots[-1].metadata.creation_timestamp
    assert created
    assert newest() == created.timestamp()

    group.snapshots.clear()
    decision = group.step()
    group.snapshots.clear()
    group.step()
    metrics.show(KEY, group.group.status, decision)
    assert newest() == 0
    metrics.taken.labels(*KEY).inc()
    metrics.forget(KEY)
    assert [s for family in registry.collect() for s in family.samples] == []
