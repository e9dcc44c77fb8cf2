"""What a drill says of itself as time goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from unit.drills.examples import CREATED, HOUR, MINUTE, drill

from holdfast.api.groups import ClaimTemplate, GroupMetadata, GroupSpec, SnapshotGroup
from holdfast.drills.reading import read_settings
from holdfast.drills.reporting import report

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.meta import Condition

GROUP = SnapshotGroup(metadata=GroupMetadata(name="db"))
SEVERAL = GroupSpec(persistent_volume_claim=ClaimTemplate(stateful_set="kafka"))
HOURLY = {"every": "1 hour"}
TIMEOUT = "10m"
LATE = HOUR + 15 * MINUTE  # the next turn, the time of its run, and the grace


def said(kind: str, now: datetime, status: dict[str, Any] | None = None, **spec: Any) -> Condition:  # noqa: ANN401
    found = drill(status, timeout=TIMEOUT, **spec)
    fields = report(found, read_settings(found), now, GROUP)
    return next(c for c in fields["conditions"] if c.type == kind)  # type: ignore[no-any-return]


def proven(started: datetime) -> dict[str, Any]:
    text = started.isoformat()
    return {"lastProven": {"time": text, "started": text}}


@pytest.mark.parametrize(
    ("since", "overdue"), [(HOUR, "False"), (LATE - MINUTE, "False"), (LATE, "True"), (9 * LATE, "True")]
)
def test_a_proof_is_overdue_when_the_run_after_it_should_have_ended(since: Any, overdue: str) -> None:  # noqa: ANN401
    start = CREATED + 5 * HOUR
    assert said("Overdue", start + since, proven(start), schedule=HOURLY).status == overdue


def test_a_drill_that_proved_nothing_yet_is_overdue_after_its_first_run() -> None:
    assert said("Overdue", CREATED + 14 * MINUTE, schedule=HOURLY).status == "False"
    overdue = said("Overdue", CREATED + 15 * MINUTE, schedule=HOURLY)
    assert overdue.status == "True"
    assert overdue.message.startswith("never proven")


@pytest.mark.parametrize("spec", [{}, {"schedule": HOURLY, "suspend": True}])
def test_what_does_not_run_by_itself_is_never_overdue(spec: dict[str, Any]) -> None:
    assert said("Overdue", CREATED + 1000 * HOUR, **spec).status == "False"


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"schedule": HOURLY}, "Scheduled"),
        ({}, "OnRequest"),
        ({"schedule": HOURLY, "suspend": True}, "Suspended"),
        ({"schedule": {"cron": "61 * * * *"}}, "Unreadable"),
        ({"keep": -1}, "Unreadable"),
        ({"schedule": HOURLY, "check": {"manifest": {"configMap": "a", "secret": "b"}}}, "Unreadable"),
    ],
)
def test_whether_it_runs_is_said(spec: dict[str, Any], reason: str) -> None:
    assert said("Ready", CREATED, **spec).reason == reason


def test_what_cannot_be_followed_has_no_next_turn() -> None:
    found = drill(schedule=HOURLY, keep=-1)
    assert report(found, read_settings(found), CREATED, GROUP)["next"] is None


@pytest.mark.parametrize(
    ("group", "reason"),
    [(None, "GroupMissing"), (SnapshotGroup(metadata=GROUP.metadata, spec=SEVERAL), "OnRequest")],
)
def test_what_is_said_of_its_group(group: SnapshotGroup | None, reason: str) -> None:
    found = drill()
    conditions = report(found, read_settings(found), CREATED, group)["conditions"]
    assert [c.reason for c in conditions if c.type == "Ready"] == [reason]
