"""What goes and what stays, by example and by law over arbitrary piles of snapshots."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from unit.policy.world import ANCHOR, DAY, HOUR, MINUTE, history, settings, shot, tiers_of

from holdfast.policy.planning import Decision, Settings, decide
from holdfast.policy.shots import Shot, newest_first

if TYPE_CHECKING:
    from holdfast.policy.schedules import Tier

NOW = ANCHOR + 100 * DAY
HOURS = [NOW - n * HOUR for n in range(10)]  # newest first
HOURLY = tiers_of(("hour", 2))


def gone(tiers: tuple[Tier, ...], shots: list[Shot], facts: Settings | None = None) -> list[Shot]:
    decision = decide(tiers, shots, facts or settings(), NOW)
    return [removal.shot for removal in decision.retire]


def test_a_tier_keeps_the_newest_and_its_history_and_the_oldest_goes_first() -> None:
    shots = history(HOURLY, HOURS)
    assert gone(HOURLY, shots) == shots[:2:-1]


def test_a_snapshot_goes_only_if_no_tier_keeps_it_and_the_rule_says_which() -> None:
    tiers = tiers_of(("hour", 0), ("day", 1))
    hour, day = tiers
    shots = [shot(HOURS[n], *([hour, day] if n in {2, 5, 8} else [hour])) for n in range(10)]
    decision = decide(tiers, shots, settings(), NOW)
    assert [HOURS.index(removal.shot.stamp) for removal in decision.retire] == [9, 8, 7, 6, 4, 3, 1]
    assert decision.retire[0].rule == "beyond 'hour' (keeps 1)"
    assert decision.retire[1].rule == "beyond 'hour' (keeps 1) and 'day' (keeps 2)"


@pytest.mark.parametrize(
    "change", [{"ready": False}, {"terminating": True}, {"kind": "safety"}, {"kind": "manual"}]
)
def test_only_ready_scheduled_ones_that_stay_take_a_place(change: dict[str, object]) -> None:
    shots = history(HOURLY, HOURS)
    shots[0] = replace(shots[0], **change)  # type: ignore[arg-type]
    assert gone(HOURLY, shots) == shots[:3:-1]


def test_a_held_one_stays_and_keeps_its_place() -> None:
    shots = history(HOURLY, HOURS)
    shots[1], shots[6] = replace(shots[1], held=True), replace(shots[6], held=True)
    assert gone(HOURLY, shots) == [shots[9], shots[8], shots[7], shots[5], shots[4], shots[3]]


def test_an_unready_driver_never_drives_out_good_snapshots() -> None:
    """Gemini's worst defect: 50 snapshots that never get ready leave the three good ones alone."""
    good = history(HOURLY, [NOW - 60 * HOUR - n * HOUR for n in range(3)])
    bad = [shot(NOW - n * HOUR, *HOURLY, ready=False, cut=True) for n in range(50)]
    assert gone(HOURLY, good + bad) == []


def test_never_fewer_than_the_floor() -> None:
    tiers = tiers_of(("hour", 0))
    shots = history(tiers, HOURS)
    assert gone(tiers, shots, settings(min_ready=4)) == shots[:3:-1]
    assert gone(tiers, shots, settings(min_ready=0)) == shots[:0:-1]
    assert gone(tiers, shots, settings(min_ready=99)) == []


def test_an_edit_deletes_nothing_until_a_new_snapshot_is_ready() -> None:
    shots = history(HOURLY, HOURS)
    edited = tiers_of(("hour", 0))
    since = NOW - HOUR / 2
    older = shots[1:]
    assert gone(edited, older, settings(since=since)) == []
    assert gone(edited, [replace(shots[0], ready=False), *older], settings(since=since)) == []
    assert gone(edited, shots, settings(since=since)) == older[::-1]


def test_an_old_slot_taken_after_the_edit_counts_by_its_creation() -> None:
    late = replace(shot(NOW - HOUR, *HOURLY), created=NOW, cut=NOW)
    assert gone(HOURLY, [late, *history(HOURLY, HOURS[2:])], settings(since=NOW - MINUTE))


def test_renaming_a_tier_changes_nothing() -> None:
    shots = history(HOURLY, HOURS)
    for text in ("1 hour", "60 minutes", "1h", "hours"):
        renamed = tiers_of((text, 2))
        before, after = (decide(tiers, shots, settings(), NOW) for tiers in (HOURLY, renamed))
        assert [removal.shot for removal in before.retire] == [removal.shot for removal in after.retire]
        assert (before.take, before.next_due) == (after.take, after.next_due)


def test_tiers_that_are_gone_count_under_the_nearest_one_and_drive_nothing_out() -> None:
    """`day` was removed beside `week`: the weeklies keep their places, the dailies only fill what is left."""
    (week,) = tiers = tiers_of(("week", 2))
    weekly = [shot(NOW - n * 7 * DAY, week) for n in range(1, 4)]
    daily = [shot(NOW - n * DAY, "every:86400s") for n in range(6)]
    assert gone(tiers, weekly + daily) == [daily[5], daily[4], daily[3]]


def test_the_nearest_tier_is_the_one_with_the_nearest_ratio() -> None:
    tiers = tiers_of(("hour", 0), ("week", 5))
    half_days = [shot(NOW - n * DAY / 2, "every:43200s") for n in range(6)]
    # 12 h is 12 times an hour and a fourteenth of a week
    assert gone(tiers, half_days) == half_days[:0:-1]
    days = [shot(NOW - n * DAY, "every:86400s") for n in range(6)]
    assert gone(tiers, days) == []


@pytest.mark.parametrize(
    "ids", [frozenset(), frozenset({"fortnight"}), frozenset({"fortnight", "every:3600s"})]
)
def test_what_nobody_can_read_is_held_back(ids: frozenset[str]) -> None:
    shots = history(HOURLY, HOURS)
    shots[8] = replace(shots[8], tiers=ids)
    assert shots[8] not in gone(HOURLY, shots)
    assert shots[9] in gone(HOURLY, shots)


def test_without_tiers_nothing_goes() -> None:
    assert gone((), history(HOURLY, HOURS)) == []


def test_while_an_entry_cannot_be_read_snapshots_of_other_tiers_are_left_alone() -> None:
    """`hour` was mistyped: what it kept must not fall to the tiers that are left."""
    week = tiers_of(("week", 0))
    shots = [shot(NOW, *week), *history(HOURLY, HOURS[1:])]
    assert gone(week, shots)
    assert gone(week, shots, settings(partial=True)) == []


def test_an_age_limit_goes_before_counts_but_not_below_the_floor() -> None:
    tiers = tiers_of(("hour", 50))
    shots = history(tiers, HOURS)
    decision = decide(tiers, shots, settings(max_age=4 * HOUR), NOW)
    assert [removal.shot for removal in decision.retire] == shots[:4:-1]
    assert decision.retire[0].rule == "older than the age limit of 4h"
    assert gone(tiers, shots, settings(max_age=4 * HOUR, min_ready=8)) == shots[:7:-1]
    assert gone(tiers, shots, settings(max_age=4 * HOUR, since=NOW + MINUTE)) == []


def test_old_age_needs_a_newer_snapshot_so_neither_an_outage_nor_a_clock_ages_the_last_ones() -> None:
    tiers = tiers_of(("hour", 50))
    shots = history(tiers, HOURS)
    year_later = decide(tiers, shots, settings(max_age=20 * HOUR), NOW + 365 * DAY)
    assert year_later.retire == ()


def test_snapshots_dated_in_the_future_neither_go_nor_take_places() -> None:
    future = [shot(NOW + 365 * DAY + n * HOUR, *HOURLY) for n in range(5)]
    shots = history(HOURLY, HOURS)
    assert gone(HOURLY, future + shots) == shots[:2:-1]


def test_suspended_groups_keep_everything() -> None:
    stuck = shot(NOW - 10 * DAY, *HOURLY, ready=False)
    decision = decide(HOURLY, [*history(HOURLY, HOURS), stuck], settings(suspended=True), NOW)
    assert (decision.take, decision.retire, decision.failed, decision.next_due) == (None, (), (), None)


# Laws

SCHEDULES = [
    tiers_of(("10 minutes", 3), ("hour", 1), ("day", 1), ("week", 1)),
    tiers_of(("hour", 0)),
    tiers_of(("cron 0 2 * * * Europe/Berlin", 3), ("hour", 2)),
    (),
]
IDS = ["every:600s", "every:3600s", "every:86400s", "every:604800s", "every:7200s", "rubbish"]
IDS += ["cron:0 2 * * *@Europe/Berlin", "cron:0 3 * * *@UTC"]


@st.composite
def piles(draw: st.DrawFn) -> list[Shot]:
    shots = []
    for number in range(draw(st.integers(0, 14))):
        age = draw(st.one_of(st.integers(-900, 900), st.integers(-7200, 20 * 86400)))
        created = NOW - timedelta(seconds=age)
        stamp = created - timedelta(
            seconds=draw(st.sampled_from([0, 0, 0, 5, 600, -30, -400, -(10**7), 10**7]))
        )
        cut = created + timedelta(seconds=draw(st.sampled_from([0, 0, 3, 7200, -(10**7)])))
        ready = draw(st.sampled_from([True, True, True, False]))
        shots.append(
            Shot(
                name=f"s{number}",
                uid=f"u{number}",
                stamp=stamp,
                created=created,
                cut=cut if ready or draw(st.booleans()) else None,
                ready=ready,
                error="",
                tiers=draw(st.frozensets(st.sampled_from(IDS), max_size=3)),
                kind=draw(st.sampled_from(["scheduled"] * 6 + ["safety", "manual"])),
                held=draw(st.sampled_from([False] * 5 + [True])),
                terminating=draw(st.sampled_from([False] * 5 + [True])),
            )
        )
    return shots


@st.composite
def facts(draw: st.DrawFn) -> Settings:
    return settings(
        since=NOW - timedelta(seconds=draw(st.sampled_from([10**7, 86400, 0]))),
        min_ready=draw(st.integers(0, 4)),
        max_age=draw(st.sampled_from([None, None, DAY, HOUR])),
        ready_within=draw(st.sampled_from([None, None, HOUR, MINUTE])),
        partial=draw(st.booleans()),
    )


def ready_ones(shots: list[Shot]) -> list[Shot]:
    return [s for s in shots if s.ready and s.kind == "scheduled" and not s.terminating]


@examples(deadline=None, max_examples=100)
@given(st.sampled_from(SCHEDULES), piles(), facts())
def test_laws_of_retiring(tiers: tuple[Tier, ...], shots: list[Shot], group: Settings) -> None:
    decision = decide(tiers, shots, group, NOW)
    retired = [removal.shot for removal in decision.retire]
    left = [s for s in shots if s not in retired]
    ready = newest_first(ready_ones(shots))

    assert all(s in ready and not s.held and s.tiers and "rubbish" not in s.tiers for s in retired)
    assert all(s in left for s in ready[: group.min_ready])
    assert len(ready_ones(left)) >= min(len(ready), group.min_ready)
    assert not retired or max(s.created for s in ready) >= group.since
    counted = [s for s in ready if not s.ahead_of(NOW)]
    for tier in tiers if group.max_age is None else ():
        assert all(s in left for s in [s for s in counted if tier.id in s.tiers][: tier.keep + 1])
    assert all(removal.rule for removal in (*decision.retire, *decision.failed))


@examples(deadline=None, max_examples=100)
@given(st.sampled_from(SCHEDULES), piles(), facts(), st.randoms())
def test_the_order_of_a_list_means_nothing(
    tiers: tuple[Tier, ...], shots: list[Shot], group: Settings, random: object
) -> None:
    shuffled = list(shots)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = decide(tiers, shots, group, NOW), decide(tiers, shuffled, group, NOW)
    assert (one.take, one.retire, one.next_due, one.states) == (
        other.take,
        other.retire,
        other.next_due,
        other.states,
    )


@examples(deadline=None, max_examples=100)
@given(st.sampled_from(SCHEDULES), piles(), facts())
def test_what_is_done_is_done(tiers: tuple[Tier, ...], shots: list[Shot], group: Settings) -> None:
    first = decide(tiers, shots, group, NOW)
    left = [s for s in shots if s not in [removal.shot for removal in (*first.retire, *first.failed)]]
    again = decide(tiers, left, group, NOW)
    assert (again.retire, again.failed) == ((), ())


@examples(deadline=None, max_examples=100)
@given(st.sampled_from(SCHEDULES), piles(), facts(), st.floats(0, 1))
def test_nothing_changes_before_the_moment_to_look_again(
    tiers: tuple[Tier, ...], shots: list[Shot], group: Settings, part: float
) -> None:
    def essence(decision: Decision) -> object:
        return (decision.take, decision.retire, decision.failed, decision.waiting, decision.states)

    now = decide(tiers, shots, group, NOW)
    end = now.look_again or NOW + 365 * DAY
    between = NOW + (end - NOW - timedelta.resolution) * part
    assert essence(decide(tiers, shots, group, between)) == essence(now)
    assert now.look_again is None or now.look_again > NOW
