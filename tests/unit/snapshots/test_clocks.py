"""The operator's clock jumps a year: nothing good is lost, and snapshots go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from unit.snapshots.simulating import Simulation, group_of, stamp

YEAR, HOUR, MINUTE = timedelta(days=365), timedelta(hours=1), timedelta(minutes=1)
SCHEDULE = ({"every": "10 minutes", "keep": 3}, {"every": "hour", "keep": 2})


@pytest.mark.parametrize("jump", [YEAR, -YEAR, timedelta(hours=5), -timedelta(hours=5)], ids=str)
def test_a_clock_that_jumps_and_comes_back_costs_no_good_snapshot(jump: timedelta) -> None:
    group = Simulation(group_of(*SCHEDULE))
    group.run(5 * HOUR, 2 * MINUTE)
    promised = {s.metadata.name for s in group.snapshots}

    group.skew = jump
    group.step()
    group.step()
    lost = promised - {s.metadata.name for s in group.snapshots}
    assert len(lost) <= len(SCHEDULE), "the one that is taken needs a place in each tier"
    group.skew = timedelta()
    group.run(HOUR, 2 * MINUTE)

    sound = [s for s in group.snapshots if s.metadata.creation_timestamp]
    assert len(sound) >= 4
    assert group.condition("Covered").reason == "Safe"
    newest = max(s.metadata.creation_timestamp for s in sound if s.metadata.creation_timestamp)
    assert group.time - newest <= 12 * MINUTE


@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=str)
def test_with_a_clock_that_stays_wrong_by_a_year_snapshots_go_on_and_four_stay(jump: timedelta) -> None:
    group = Simulation(group_of(*SCHEDULE))
    group.run(5 * HOUR, 2 * MINUTE)
    before, count = {s.metadata.name for s in group.snapshots}, []
    group.skew = jump
    group.run(3 * HOUR, 2 * MINUTE, lambda: count.append(len(group.snapshots)))
    assert min(count) >= 4
    assert {s.metadata.name for s in group.snapshots} - before


def test_the_age_limit_is_not_measured_with_a_clock_that_runs_ahead() -> None:
    group = Simulation(group_of(*SCHEDULE, retention={"maxAge": "30 days"}))
    group.run(2 * HOUR, 2 * MINUTE)
    held = len(group.snapshots)
    group.skew = YEAR
    group.step()
    assert len(group.snapshots) >= held, stamp(group.time)
