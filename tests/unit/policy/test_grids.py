from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from unit.policy.cron_model import CronModel
from unit.policy.world import ANCHOR, DAY, HOUR, MINUTE, tiers_of

from holdfast.policy import crons
from holdfast.policy.grids import MOST_COUNTED, Grid, jitter

INSTANT = timedelta.resolution
SECONDS = st.integers(1, 3 * 86400)

CHANGES = [  # the moment at which the clocks change
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 4, 5, 3, tzinfo=UTC)),  # at midnight
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("UTC", datetime(2026, 3, 29, 1, tzinfo=UTC)),
]


@examples(deadline=None)
@given(SECONDS, SECONDS, st.integers(0, 60))
def test_an_interval_grid_equals_adding_up(interval: int, elapsed: int, shift: int) -> None:
    grid = Grid(tiers_of(f"{interval} seconds")[0], ANCHOR, timedelta(seconds=shift))
    now = ANCHOR + timedelta(seconds=elapsed)
    previous, following, count = None, ANCHOR + timedelta(seconds=shift), 0
    step = timedelta(seconds=interval)
    while following <= now and count < 5000:
        previous, following, count = following, following + step, count + 1
    if count < 5000:
        assert (grid.previous(now), grid.next(now)) == (previous, following)
        assert grid.count_between(ANCHOR - DAY, following) == count


def test_a_new_group_is_due_at_its_first_point_and_not_before() -> None:
    grid = Grid(tiers_of("hour")[0], ANCHOR, timedelta(seconds=40))
    assert grid.previous(ANCHOR + timedelta(seconds=39)) is None
    assert grid.next(ANCHOR - MINUTE) == grid.next(ANCHOR) == ANCHOR + timedelta(seconds=40)
    assert grid.previous(ANCHOR + timedelta(seconds=40)) == ANCHOR + timedelta(seconds=40)


def test_nothing_drifts_over_two_centuries() -> None:
    grid = Grid(tiers_of("7 seconds")[0], ANCHOR)
    far = ANCHOR + timedelta(days=73_000)
    previous = grid.previous(far)
    assert previous is not None
    assert far - previous < timedelta(seconds=7)
    assert (previous - ANCHOR) % timedelta(seconds=7) == timedelta()


def test_a_clock_far_before_the_groups_creation_still_finds_points() -> None:
    for text in ("hour", "cron 0 * * * * UTC"):
        grid = Grid(tiers_of(text)[0], ANCHOR)
        wrong = ANCHOR - 365 * DAY
        assert grid.previous(wrong) == wrong
        assert grid.next(wrong) == wrong + HOUR


def test_a_cron_tier_has_no_point_before_the_group() -> None:
    grid = Grid(tiers_of("cron 0 2 * * * UTC")[0], ANCHOR)
    assert grid.previous(ANCHOR + HOUR) is None
    assert grid.next(ANCHOR) == datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert grid.count_between(ANCHOR - HOUR, ANCHOR + 10 * DAY) == 10


def test_missed_firings_of_a_cron_tier_are_counted_to_a_limit() -> None:
    grid = Grid(tiers_of("cron * * * * * UTC")[0], ANCHOR)
    assert grid.count_between(ANCHOR, ANCHOR + 365 * DAY) == MOST_COUNTED


@examples(deadline=None)
@given(st.text(), SECONDS)
def test_the_jitter_is_whole_seconds_at_most_a_tenth_and_a_minute(seed: str, interval: int) -> None:
    tiers = tiers_of(f"{interval} seconds", "year")
    shift = jitter(tiers, seed)
    assert timedelta() <= shift <= min(tiers[0].span / 10, MINUTE)
    assert shift % timedelta(seconds=1) == timedelta()
    assert jitter(tiers[::-1], seed) == shift


def test_the_jitter_spreads_groups() -> None:
    tiers = tiers_of("hour")
    assert len({jitter(tiers, f"uid-{number}") for number in range(500)}) == 61


@st.composite
def expressions(draw: st.DrawFn) -> str:
    minute = draw(st.sampled_from(["0", "30", "*/15", "15,45", "*", "5-50/20", "59"]))
    hour = draw(st.sampled_from(["0", "1", "2", "3", "*", "*/2", "1-3", "0,2", "23", "2,3"]))
    day = draw(st.sampled_from(["*", "*", "1-31/2", "29"]))
    return f"{minute} {hour} {day} * {draw(st.sampled_from(['*', '*', '0', '1-5']))}"


@examples(deadline=None, max_examples=120)
@given(expressions(), st.sampled_from(CHANGES), st.lists(st.integers(-9_000, 9_000), min_size=8, max_size=8))
def test_cron_equals_looking_at_every_minute(
    expression: str, change: tuple[str, datetime], offsets: list[int]
) -> None:
    zone, moment = change
    start, end = moment - 1.2 * DAY, moment + 1.2 * DAY
    model = CronModel(expression, zone).fires(start, end)
    fires = takewhile(lambda fire: fire <= end, crons.fires_after(expression, zone, start - INSTANT))
    assert list(fires) == model
    for now in (moment + timedelta(seconds=offset) for offset in offsets):
        past, coming = [f for f in model if f <= now], [f for f in model if f > now]
        newest = crons.last_fire(expression, zone, now)
        assert newest == past[-1] if past else newest is None or newest < start
        assert not coming or crons.first_fire_after(expression, zone, now) == coming[0]


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)])
def test_a_daily_cron_keeps_its_wall_time_when_the_clocks_change(
    day: tuple[int, int, int], hours: int
) -> None:
    grid = Grid(tiers_of("cron 0 12 * * * Europe/Berlin")[0], ANCHOR)
    noon = datetime(*day, 10 if day[1] != 10 else 11, tzinfo=UTC)
    previous = grid.previous(noon - INSTANT)
    assert grid.previous(noon) == noon
    assert previous is not None
    assert noon - previous == timedelta(hours=hours)


def test_the_firings_of_a_decade_are_in_order_and_each_is_found_again() -> None:
    fires = takewhile(
        lambda fire: fire < ANCHOR + 3650 * DAY, crons.fires_after("30 2 * * 0", "Europe/Berlin", ANCHOR)
    )
    every = list(fires)
    assert len(every) == 521
    assert all(later - earlier >= 6 * DAY for earlier, later in pairwise(every))
    assert all(crons.last_fire("30 2 * * 0", "Europe/Berlin", fire) == fire for fire in every)
