"""When snapshots are due, and for which tiers, held against a model that only counts minutes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from unit.policy.cron_model import CronModel
from unit.policy.world import ANCHOR, DAY, HOUR, MINUTE, World, settings, shot, tiers_of

from holdfast.policy.planning import decide

if TYPE_CHECKING:
    from holdfast.policy.schedules import Tier

README = tiers_of(("10 minutes", 3))
LADDER = tiers_of(("10 minutes", 3), ("hour", 1), ("day", 1), ("week", 1))


def test_the_readmes_example_holds_four_snapshots() -> None:
    world = World(README, settings())
    world.run(3 * HOUR)
    assert [s.stamp for s in world.shots] == [ANCHOR + n * 10 * MINUTE for n in range(14, 18)]


def test_four_tiers_hold_nine_snapshots_after_weeks() -> None:
    world = World(LADDER, settings(anchor=ANCHOR - HOUR / 2, since=ANCHOR - HOUR / 2), ANCHOR - HOUR / 2)
    world.run(16 * DAY)
    assert len(world.takes) == 16 * 144
    assert len(world.shots) == 4 + 2 + 2 + 2 - 1


def test_the_first_snapshot_is_for_all_tiers_also_for_those_that_have_not_fired() -> None:
    tiers = (*LADDER, *tiers_of("cron 0 2 * * * UTC"))
    take = decide(tiers, [], settings(), ANCHOR + MINUTE).take
    assert take is not None
    assert (take.slot, take.tiers, take.missed) == (ANCHOR, tuple(tier.id for tier in tiers), 0)


def test_before_the_first_point_nothing_is_due() -> None:
    decision = decide(README, [], settings(seed="some group"), ANCHOR)
    assert decision.take is None
    assert decision.next_due is not None
    assert ANCHOR < decision.next_due <= ANCHOR + MINUTE


def test_one_snapshot_makes_up_for_an_outage_and_says_how_many_were_missed() -> None:
    world = World(LADDER, settings())
    world.run(HOUR - MINUTE)
    world.run(5 * HOUR + 4 * MINUTE, up=False)
    world.settle()
    (_, slot, tiers, missed) = world.takes[-1]
    assert slot == ANCHOR + 6 * HOUR
    assert tiers == ("every:600s", "every:3600s")
    assert missed == 5 * 6
    world.run(6 * MINUTE)
    assert len(world.takes) == 6 + 1
    world.run(2 * MINUTE)
    assert world.takes[-1][1:] == (ANCHOR + 6 * HOUR + 10 * MINUTE, ("every:600s",), 0)


def test_a_snapshot_that_is_not_cut_blocks_the_next_one_by_name() -> None:
    world = World(README, settings(), cuts=False)
    world.run(25 * MINUTE)
    assert len(world.takes) == 1
    decision = world.decide()
    assert decision.waiting == f"snapshot {world.shots[0].name} is not cut yet"
    assert decision.missed == 1


def test_one_that_is_cut_but_still_uploading_blocks_nothing() -> None:
    world = World(README, settings(), ready_after=None)
    world.run(HOUR)
    assert len(world.takes) == 6


def test_a_failed_one_is_removed_after_its_deadline_and_its_slot_taken_again() -> None:
    daily = tiers_of("day", "week")
    world = World(daily, settings(), cuts=False)
    world.run(90 * MINUTE)
    assert [(at - ANCHOR, tiers) for at, _, tiers, _ in world.takes] == [
        (timedelta(), ("every:86400s", "every:604800s")),
        (HOUR, ("every:86400s", "every:604800s")),
    ]
    assert [s.stamp for s in world.removed] == [ANCHOR]


@pytest.mark.parametrize(
    ("cut", "within", "limit"),
    [(False, None, HOUR), (True, None, DAY), (False, 5 * MINUTE, 5 * MINUTE), (True, 5 * MINUTE, 5 * MINUTE)],
)
def test_the_deadlines(cut: bool, within: timedelta | None, limit: timedelta) -> None:
    unready = shot(ANCHOR, *README, ready=False, cut=cut, error="pool full")
    group = settings(ready_within=within)
    early = decide(README, [unready], group, ANCHOR + limit - timedelta.resolution)
    late = decide(README, [unready], group, ANCHOR + limit)
    assert (early.failed, [removal.shot for removal in late.failed]) == ((), [unready])
    assert "pool full" in late.failed[0].rule
    for spared in (
        replace(unready, held=True),
        replace(unready, terminating=True),
        replace(unready, kind="safety"),
        replace(unready, ready=True),
    ):
        assert decide(README, [spared], group, ANCHOR + 10 * DAY).failed == ()


def test_a_slot_whose_failed_snapshot_still_has_the_name_waits_for_it_to_go() -> None:
    leaving = shot(ANCHOR, *README, ready=False, terminating=True)
    decision = decide(README, [leaving], settings(), ANCHOR + MINUTE)
    assert decision.take is None
    assert leaving.name in decision.waiting
    assert decide(README, [leaving], settings(), ANCHOR + 10 * MINUTE).take is not None


def test_a_coarse_tag_lost_with_its_snapshot_goes_to_the_next_one() -> None:
    both = tiers_of("10 minutes", "hour")
    lost = shot(ANCHOR + HOUR, *both, terminating=True)
    shots = [shot(ANCHOR, *both), lost]
    take = decide(both, shots, settings(), ANCHOR + HOUR + 10 * MINUTE).take
    assert take is not None
    assert take.tiers == ("every:600s", "every:3600s")
    pending = decide(
        both,
        [shots[0], replace(lost, terminating=False, ready=False, cut=ANCHOR + HOUR)],
        settings(),
        ANCHOR + HOUR + 10 * MINUTE,
    ).take
    assert pending is not None
    assert pending.tiers == ("every:600s",)


def test_a_coarse_tag_lost_late_in_its_interval_waits_for_the_finest_tier_all_the_same() -> None:
    both = tiers_of("10 minutes", "hour")
    shots = [shot(ANCHOR, *both), shot(ANCHOR + HOUR + 40 * MINUTE, both[0])]
    assert decide(both, shots, settings(), ANCHOR + HOUR + 45 * MINUTE).take is None
    take = decide(both, shots, settings(), ANCHOR + HOUR + 50 * MINUTE).take
    assert take is not None
    assert take.tiers == ("every:600s", "every:3600s")


def test_suspending_stops_and_resuming_takes_one() -> None:
    world = World(README, settings())
    world.run(HOUR)
    world.settings = replace(world.settings, suspended=True)
    world.run(5 * HOUR)
    assert len(world.takes) == 6
    world.settings = replace(world.settings, suspended=False)
    world.run(MINUTE)
    assert len(world.takes) == 7


def test_a_coarse_cron_rides_where_the_finest_fires_soon_and_goes_alone_where_it_pauses() -> None:
    tiers = tiers_of(
        "cron */30 9-17 * * 1-5 Europe/Berlin",
        "cron 0 20 * * * Europe/Berlin",
        "cron 10 12 * * * Europe/Berlin",
    )
    office, evening, noon = tiers
    world = World(tiers, settings())
    world.run(7 * DAY)
    stray = [tags for _, slot, tags, _ in world.takes if slot.minute not in {0, 30} or evening.id in tags]
    # Every evening has its own: the office next opens 13 hours later, which is more than half a day.
    assert sum(tags == (evening.id,) for tags in stray) >= 5
    # Noon's rides at 12:30 on working days; on a Saturday and a Sunday it goes alone.
    assert {slot.time().isoformat() for _, slot, tags, _ in world.takes if noon.id in tags} >= {
        "11:30:00",
        "11:10:00",
    }
    assert not [tags for _, slot, tags, _ in world.takes if office.id in tags and slot.weekday() > 4][1:]


def test_overdue_is_what_should_be_there_and_is_not() -> None:
    world = World(README, settings())
    world.run(5 * MINUTE)
    assert not world.decide().states[0].overdue
    world.run(6 * MINUTE - timedelta.resolution, up=False)
    assert not world.decide().states[0].overdue
    world.run(timedelta.resolution, up=False)
    assert world.decide().states[0].overdue


def test_overdue_is_also_a_tier_whose_snapshots_never_get_ready() -> None:
    daily = tiers_of("day")
    world = World(daily, settings(), cuts=False)
    world.run(20.5 * HOUR)
    assert not world.decide().states[0].overdue
    world.run(4 * HOUR)
    assert world.decide().states[0].overdue


def test_states_count_per_tier() -> None:
    both = tiers_of("10 minutes", "hour")
    ten = both[0]
    shots = [
        shot(ANCHOR, *both),
        shot(ANCHOR + HOUR, *both),
        shot(ANCHOR + 70 * MINUTE, ten, ready=False, cut=True),
    ]
    failed = shot(ANCHOR + 10 * MINUTE, ten, ready=False)
    tens, hours = decide(both, [*shots, failed], settings(), ANCHOR + 75 * MINUTE).states
    assert (tens.last, tens.last_ready) == (ANCHOR + 70 * MINUTE, ANCHOR + HOUR)
    assert (tens.next, hours.next) == (ANCHOR + 80 * MINUTE, ANCHOR + 2 * HOUR)
    assert (tens.ready, hours.ready, tens.failed, hours.failed) == (2, 2, 1, 0)


# Clocks


def test_a_clock_that_ran_a_year_ahead_leaves_no_gap_when_it_is_put_right() -> None:
    """Real Gemini stops for a year here."""
    world = World(README, settings())
    world.run(HOUR)
    world.skew = 365 * DAY
    world.run(HOUR)
    assert len(world.takes) <= 13  # one to catch up, then the usual pace
    world.skew = timedelta()
    before = len(world.takes)
    world.run(HOUR)
    assert 6 <= len(world.takes) - before <= 7
    assert len(world.shots) == 4


def test_a_clock_a_year_behind_goes_on_taking_and_deletes_nothing_that_is_newer() -> None:
    world = World(README, settings())
    world.run(HOUR)
    good = list(world.shots)
    world.skew = -365 * DAY
    world.run(HOUR)
    assert 12 <= len(world.takes) <= 13
    assert all(s in world.shots for s in good)
    world.skew = timedelta()
    world.run(HOUR)
    assert len(world.shots) == 4
    assert world.shots == world.newest_ready(4)


# The model: a counter of minutes with one flag per tier


@dataclass
class Model:
    """A clerk with a list of all points, a note "due" for the finest tier and a note "owed" for every tier."""

    tiers: tuple[Tier, ...]
    points: dict[str, list[datetime]]
    finest: Tier
    owed: dict[str, datetime] = field(default_factory=dict)
    due: datetime | None = None
    passed: int = 0
    any: bool = False

    def tick(self, now: datetime, *, up: bool) -> tuple[datetime, tuple[str, ...], int] | None:
        self.owed.update({tier.id: now for tier in self.tiers if now in self.points[tier.id]})
        if now in self.points[self.finest.id]:
            self.passed += self.due is not None
            self.due = now
        return self._take(now) if up else None

    def _take(self, now: datetime) -> tuple[datetime, tuple[str, ...], int] | None:
        slot = self.due or max((p for t, p in self.owed.items() if self._alone(t, p, now)), default=None)
        if slot is None:
            return None
        tags = tuple(tier.id for tier in self.tiers if tier.id in self.owed or not self.any)
        taken = (slot, tags, self.passed if self.any and self.due else 0)
        self.owed, self.due, self.passed, self.any = {}, None, 0, True
        return taken

    def _alone(self, identity: str, point: datetime, now: datetime) -> bool:
        span = next(tier.span for tier in self.tiers if tier.id == identity)
        coming = min(p for p in self.points[self.finest.id] if p > now)
        return coming - point > max(span / 2, self.finest.span)


def points_of(tier: Tier, start: datetime, end: datetime) -> list[datetime]:
    if tier.interval is None:
        return CronModel(tier.cron, tier.zone).fires(start, end)
    points = [start]
    while points[-1] <= end:
        points.append(points[-1] + tier.interval)
    return points


BERLIN = ("Europe/Berlin", datetime(2026, 3, 28, 10, tzinfo=UTC))  # a Saturday; the clocks change that night
AUTUMN = ("Europe/Berlin", datetime(2026, 10, 24, 10, tzinfo=UTC))
ELSEWHERE = ("America/New_York", datetime(2026, 3, 7, 10, tzinfo=UTC))
CRONS = [
    "*/15 * * * *",
    "*/30 9-17 * * 1-5",
    "30 2 * * *",
    "0 2,3 * * *",
    "0 20 * * *",
    "15 */4 * * *",
    "0 12 * * 0",
]
EVERIES = ["5 minutes", "10 minutes", "15 minutes", "hour", "7 hours", "day", "50 minutes"]


@st.composite
def schedules(draw: st.DrawFn) -> tuple[datetime, tuple[Tier, ...]]:
    zone, start = draw(st.sampled_from([BERLIN, AUTUMN, ELSEWHERE]))
    every = draw(st.lists(st.sampled_from(EVERIES), max_size=3, unique=True))
    crons = draw(st.lists(st.sampled_from(CRONS), min_size=0 if every else 1, max_size=2, unique=True))
    return start, tiers_of(*every, *(f"cron {expression} {zone}" for expression in crons))


OUTAGES = st.lists(st.tuples(st.integers(0, 25), st.sampled_from([10, 60, 600])), max_size=2)


@examples(deadline=None, max_examples=25)
@given(schedules(), OUTAGES)
def test_a_schedule_equals_counting_minutes(
    schedule: tuple[datetime, tuple[Tier, ...]], outages: list[tuple[int, int]]
) -> None:
    start, tiers = schedule
    end = start + 26 * HOUR
    finest = min(tiers, key=lambda tier: (tier.span, tier.id))
    model = Model(tiers, {tier.id: points_of(tier, start, end + 8 * DAY) for tier in tiers}, finest)
    world = World(tiers, settings(anchor=start, since=start), start)
    while world.time < end:
        hours = (world.time - start) / HOUR
        up = not any(begin <= hours < begin + length / 60 for begin, length in outages)
        expected, before = model.tick(world.time, up=up), len(world.takes)
        if up:
            world.settle()
        assert [take[1:] for take in world.takes[before:]] == ([expected] if expected else []), world.time
        world.time += 5 * MINUTE


@examples(deadline=None, max_examples=25)
@given(schedules(), st.integers(0, 40), st.sampled_from(["uid-1", "uid-2", "uid-3"]))
def test_never_more_snapshots_than_the_finest_tier_fires_and_none_a_group_does_not_ask_for(
    schedule: tuple[datetime, tuple[Tier, ...]], wait: int, seed: str
) -> None:
    start, tiers = schedule
    world = World(tiers, settings(anchor=start, since=start, seed=seed), start + wait * MINUTE)
    world.run(DAY)
    slots = [slot for _, slot, _, _ in world.takes]
    firings = {tier.id: len(points_of(tier, start, world.time)) for tier in tiers}
    finest = min(tiers, key=lambda tier: (tier.span, tier.id))
    # Only a cron tier pauses, and only then a coarser one has snapshots of its own.
    assert len(slots) <= (firings[finest.id] + 1 if finest.interval else sum(firings.values()))
    assert len(set(slots)) == len(slots)
    assert all(at >= slot for at, slot, _, _ in world.takes)


def test_a_tier_added_later_rides_on_the_next_snapshot() -> None:
    world = World(README, settings())
    world.run(HOUR)
    world.edit(tiers_of(("10 minutes", 3), ("week", 1)))
    world.run(20 * MINUTE)
    assert [tags for _, _, tags, _ in world.takes[6:]] == [("every:600s", "every:604800s"), ("every:600s",)]
