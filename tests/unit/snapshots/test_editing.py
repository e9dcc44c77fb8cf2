"""An edit of the schedule deletes nothing by itself, however the clocks stand to each other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from unit.snapshots.simulating import Simulation, group_of

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def edited(group: SnapshotGroup, *schedule: dict[str, object]) -> SnapshotGroup:
    return msgspec.structs.replace(group, spec=group_of(*schedule).spec)


@pytest.mark.parametrize(
    "behind", [timedelta(milliseconds=-900), timedelta(0), 30 * MINUTE, 24 * HOUR], ids=str
)
def test_snapshots_taken_in_the_second_of_an_edit_or_after_it_by_a_late_clock_count_as_old(
    behind: timedelta,
) -> None:
    """The clock of the operator is behind the API server's, which writes whole seconds."""
    group = Simulation(group_of({"every": "10 minutes", "keep": 5}))
    while not group.step().take or len(group.snapshots) < 6:
        group.time += MINUTE
    group.removed.clear()
    group.skew = -behind
    group.group = edited(group.group, {"every": "10 minutes", "keep": 0})
    group.step()
    group.step()
    assert group.removed == []
    group.run(2 * HOUR, 5 * MINUTE)
    assert group.removed, "it goes once a snapshot under the new schedule is ready"


@pytest.mark.parametrize(
    "schedule",
    [(), ({"every": "hour"},), ({"every": "never"},), ({"cron": "0 2 * * *"},), ({"every": "1 second"},)],
)
def test_no_edit_whatsoever_deletes_in_the_pass_in_which_it_is_seen(
    schedule: tuple[dict[str, object], ...],
) -> None:
    group = Simulation(group_of({"every": "10 minutes", "keep": 5}, {"every": "hour", "keep": 3}))
    group.run(5 * HOUR, 5 * MINUTE)
    before = {s.metadata.uid for s in group.snapshots}
    group.group = edited(group.group, *schedule)
    decision = group.step()
    assert decision.retire == decision.failed == ()
    assert before <= {s.metadata.uid for s in group.snapshots}


def test_another_wording_of_the_same_schedule_is_no_edit() -> None:
    group = Simulation(group_of({"every": "hour", "keep": 3}, {"cron": "0 2 * * *"}))
    group.run(5 * HOUR, 5 * MINUTE)
    seen = group.group.status.schedule
    group.group = edited(group.group, {"cron": "0  2 * * *", "timeZone": "UTC"}, {"every": "60m", "keep": 3})
    group.step()
    assert group.group.status.schedule == seen
