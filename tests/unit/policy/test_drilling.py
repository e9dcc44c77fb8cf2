"""When a drill runs, what it tries, and when its proof is too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.drilling import GRACE, Candidate, Turns, choose
from holdfast.policy.schedules import TierEntry, read_tiers

ANCHOR = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SEED = "seed-47595"  # its jitter is 0 for the usual intervals, so that examples can be read
SPANS = st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds))
EVERY = st.sampled_from(["1 minute", "1 hour", "1 day", "7s", "cron 0 2 * * *", "cron */5 * * * *"])


def turns(text: str = "1 day") -> Turns:
    cron = text.removeprefix("cron ") if text.startswith("cron ") else ""
    (tier,), _ = read_tiers([TierEntry(every="" if cron else text, cron=cron)])
    return Turns(tier, ANCHOR, SEED)


def candidates(*hours: int) -> list[Candidate]:
    return [Candidate(f"db-{hour}", ANCHOR + hour * HOUR, (), whole=False) for hour in hours]


@given(EVERY, SPANS, SPANS)
def test_a_turn_is_taken_once_and_never_before_its_time(text: str, first: timedelta, more: timedelta) -> None:
    grid, now = turns(text), ANCHOR + first
    turn = grid.due(None, now)
    assert turn is None or ANCHOR <= turn <= now
    assert turn is None or grid.due(turn, now) is None
    later = grid.due(turn, now + more)
    assert later is None or turn is None or turn < later <= now + more


@given(EVERY, SPANS)
def test_the_next_turn_is_the_one_that_falls_due_next(text: str, after: timedelta) -> None:
    grid, now = turns(text), ANCHOR + after
    coming = grid.next(now)
    assert coming is not None
    assert coming > now
    assert grid.due(grid.due(None, now), coming) == coming


def test_of_all_missed_turns_the_newest_is_made_up_for() -> None:
    assert turns().due(ANCHOR, ANCHOR + 10 * DAY + HOUR) == ANCHOR + 10 * DAY


def test_a_turn_that_a_wrong_clock_took_in_the_future_stops_nothing() -> None:
    assert turns().due(ANCHOR + 400 * DAY, ANCHOR + DAY) == ANCHOR + DAY


@given(EVERY, st.none() | SPANS, st.integers(1, 7200))
def test_a_proof_is_in_time_until_the_run_of_the_next_turn_should_have_ended(
    text: str, proven: timedelta | None, seconds: int
) -> None:
    grid, timeout = turns(text), timedelta(seconds=seconds)
    start = None if proven is None else ANCHOR + proven
    overdue = grid.overdue_from(start, timeout)
    assert overdue is not None
    turn = overdue - timeout - GRACE
    assert turn >= ANCHOR
    assert start is None or (turn > start and grid.due(start, turn - MINUTE / 60) in {None, start})


def test_a_drill_that_was_never_proven_is_overdue_after_its_first_turn() -> None:
    assert turns("cron 0 2 * * *").overdue_from(None, HOUR) == ANCHOR + 17 * HOUR + GRACE


def test_the_newest_is_chosen_by_when_it_was_taken() -> None:
    chosen = choose(candidates(3, 9, 5), at_random=False, seed="")
    assert chosen is not None
    assert chosen.name == "db-9"


@given(st.lists(st.integers(0, 50), min_size=1, unique=True), st.text(), st.randoms())
def test_a_random_choice_is_the_same_for_two_operators(hours: list[int], seed: str, random: object) -> None:
    there = candidates(*hours)
    shuffled = list(there)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    chosen = choose(there, at_random=True, seed=seed)
    assert chosen in there
    assert chosen == choose(shuffled, at_random=True, seed=seed)


def test_in_time_each_one_is_chosen_at_random() -> None:
    there = candidates(*range(5))
    assert {choose(there, at_random=True, seed=str(n)) for n in range(200)} == set(there)


@pytest.mark.parametrize("at_random", [True, False])
def test_of_none_none_is_chosen(*, at_random: bool) -> None:
    assert choose([], at_random=at_random, seed="") is None
