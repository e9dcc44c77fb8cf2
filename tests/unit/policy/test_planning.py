"""Laws over whole lives of a group: a forecast is what is then done, and the last good snapshots stay."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from unit.policy.world import ANCHOR, DAY, GROUP, HOUR, MINUTE, World, settings, shot, tiers_of

from holdfast.policy.planning import Step, decide, forecast

SCHEDULES = [
    tiers_of(("10 minutes", 3), ("hour", 1)),
    tiers_of(("600s", 3), ("1 hour", 1)),
    tiers_of(("20 minutes", 0)),
    tiers_of(("hour", 2), ("day", 1), ("cron 30 11 * * * Europe/Berlin", 1)),
    tiers_of(("cron */15 11-13 * * * UTC", 2), ("5 hours", 2)),
    (),
]


def lives() -> st.SearchStrategy[list[tuple[str, object]]]:
    spans = st.sampled_from([MINUTE, 9 * MINUTE, 35 * MINUTE, 2 * HOUR, 7 * HOUR, 26 * HOUR])
    event = st.one_of(
        st.tuples(st.just("run"), spans),
        st.tuples(st.just("run"), spans),
        st.tuples(st.just("outage"), spans),
        st.tuples(st.just("edit"), st.sampled_from(SCHEDULES)),
        st.tuples(st.just("driver"), st.sampled_from([timedelta(), 3 * MINUTE, 50 * MINUTE, None])),
        st.tuples(st.just("cuts"), st.booleans()),
        st.tuples(st.just("suspend"), st.booleans()),
        st.tuples(
            st.just("clock"), st.sampled_from([timedelta(), 3 * MINUTE, HOUR, -HOUR, 365 * DAY, -365 * DAY])
        ),
        st.tuples(st.just("hold"), st.integers(0, 5)),
        st.tuples(st.just("user deletes"), st.integers(0, 5)),
    )
    return st.lists(event, min_size=3, max_size=14)


class Watched(World):
    """A world that looks at every removal."""

    def reconcile(self) -> object:  # type: ignore[override]
        floor = self.newest_ready(max(self.settings.min_ready, 1))
        ready_since = [s for s in self.newest_ready(10**6) if s.created >= self.settings.since]
        decision = super().reconcile()
        retired = [removal.shot for removal in decision.retire]
        failed = [removal.shot for removal in decision.failed]
        assert all(s in self.shots for s in floor), "the last good ones"
        assert not retired or ready_since, "an edit deletes nothing by itself"
        assert all(s.ready and not s.held for s in retired)
        assert not any(s.ready or s.held for s in failed)
        uncut = [s for s in self.shots if s.cut is None and not s.held]
        assert len(uncut) <= 1
        return decision

    def live(self, event: str, value: object) -> None:
        match event, value:
            case "run" | "outage", timedelta():
                self.run(value, up=event == "run")
            case "edit", tuple():
                self.edit(value)
            case "driver", _:
                self.ready_after = value  # type: ignore[assignment]
            case "cuts", bool():
                self.cuts = value
            case "suspend", bool():
                self.settings = replace(self.settings, suspended=value)
            case "clock", timedelta():
                self.skew = value
            case "hold", int() if value < len(self.shots):
                chosen = self.shots[value]
                self.shots[value] = replace(chosen, held=not chosen.held)
            case "user deletes", int() if value < len(self.shots):
                del self.shots[value]
            case _:
                pass


def test_an_operator_a_year_ahead_takes_a_slot_once_while_the_driver_cuts_nothing() -> None:
    world = Watched(tiers_of(("cron */15 11-13 * * * UTC", 2), ("5 hours", 2)), settings(min_ready=0))
    world.cuts, world.skew = False, 365 * DAY
    world.run(50 * MINUTE)
    assert len(world.takes) == 1


@examples(deadline=None, max_examples=120)
@given(lives(), st.sampled_from(SCHEDULES), st.integers(0, 3))
def test_no_life_ever_loses_the_last_good_snapshots(
    life: list[tuple[str, object]], tiers: tuple[object, ...], floor: int
) -> None:
    world = Watched(tiers, settings(min_ready=floor))  # type: ignore[arg-type]
    for event, value in life:
        world.live(event, value)


@examples(deadline=None, max_examples=80)
@given(lives(), st.sampled_from(SCHEDULES), st.integers(1, 4), st.lists(st.integers(1, 400), max_size=6))
def test_a_forecast_is_what_is_then_done(
    life: list[tuple[str, object]], tiers: tuple[object, ...], count: int, extra: list[int]
) -> None:
    world = Watched(tiers, settings(max_age=9 * HOUR))  # type: ignore[arg-type]
    for event, value in life:
        if event != "clock":
            world.live(event, value)
    world.cuts, world.ready_after = True, None
    world.reconcile()
    world.shots = [replace(s, cut=s.cut or s.created) for s in world.shots]
    plan = forecast(world.tiers, world.shots, world.settings, world.now, count, group=GROUP)
    assert act(copy.deepcopy(world), count, [world.time + n * MINUTE for n in extra]) == essence(plan)


def essence(steps: tuple[Step, ...]) -> list[object]:
    return [
        (step.at, step.slot, frozenset(step.tiers), frozenset(removal.shot.stamp for removal in step.retires))
        for step in steps
    ]


def act(world: World, count: int, visits: list[datetime]) -> list[object]:
    """Live on with a driver that is instant, with extra visits of the operator in between; tell what was done."""
    done: list[object] = []
    hopeless = [s for s in world.shots if s.waited(world.now) >= world.settings.deadline(s)]  # and held
    pending = [s for s in world.shots if not s.ready and not s.terminating and s not in hopeless]
    for waiting in sorted(pending, key=lambda s: (s.taken, s.stamp)):
        world.shots = [replace(s, ready=True) if s.uid == waiting.uid else s for s in world.shots]
        done.append((world.now, waiting.when, waiting.tiers, removals(world)))
    if world.settings.suspended or not world.tiers:
        return []
    world.ready_after = timedelta()
    taken, total = 0, 0
    while taken < count:
        before, total = len(world.removed), len(world.takes)
        world.settle()
        if len(world.takes) > total:
            taken += 1
            at, slot, tags, _ = world.takes[-1]
            gone = frozenset(s.stamp for s in world.removed[before:])
            done.append((at, slot, frozenset(tags), gone))
        due = world.decide().next_due
        if due is None:
            break
        world.time = min([due, *(visit for visit in visits if visit > world.time)])
    return done


def removals(world: World) -> frozenset[datetime]:
    before = len(world.removed)
    decision = decide(world.tiers, world.shots, world.settings, world.now)
    gone = {removal.shot.uid for removal in decision.retire}
    world.removed += [s for s in world.shots if s.uid in gone]
    world.shots = [s for s in world.shots if s.uid not in gone]
    return frozenset(s.stamp for s in world.removed[before:])


def test_a_plan_names_slot_tiers_what_goes_and_why() -> None:
    tiers = tiers_of(("10 minutes", 1), ("hour", 0))
    ten, hour = tiers
    shots = [shot(ANCHOR, ten, hour), shot(ANCHOR + 40 * MINUTE, ten), shot(ANCHOR + 50 * MINUTE, ten)]
    (step, following) = forecast(tiers, shots, settings(), ANCHOR + 55 * MINUTE, 2, group=GROUP)
    assert (step.at, step.slot, step.tiers) == (ANCHOR + HOUR, ANCHOR + HOUR, (ten.id, hour.id))
    assert [(removal.shot.stamp, removal.rule) for removal in step.retires] == [
        (ANCHOR, "beyond '10 minutes' (keeps 2) and 'hour' (keeps 1)"),
        (ANCHOR + 40 * MINUTE, "beyond '10 minutes' (keeps 2)"),
    ]
    assert [removal.shot for removal in following.retires] == [shots[2]]


def test_a_plan_begins_with_what_is_being_taken() -> None:
    tiers = tiers_of(("10 minutes", 0))
    old, coming = shot(ANCHOR, *tiers), shot(ANCHOR + 10 * MINUTE, *tiers, ready=False)
    steps = forecast(tiers, [old, coming], settings(), ANCHOR + 11 * MINUTE)
    assert [(step.pending, step.slot) for step in steps] == [
        (coming.name, coming.stamp),
        ("", ANCHOR + 20 * MINUTE),
    ]
    assert [[removal.shot.name for removal in step.retires] for step in steps] == [[old.name], [coming.name]]


def test_what_is_due_to_go_now_is_no_part_of_a_later_step() -> None:
    tiers = tiers_of(("10 minutes", 0))
    shots = [shot(ANCHOR + n * 10 * MINUTE, *tiers) for n in range(3)]
    assert len(decide(tiers, shots, settings(), ANCHOR + 21 * MINUTE).retire) == 2
    (step,) = forecast(tiers, shots, settings(), ANCHOR + 21 * MINUTE)
    assert [removal.shot for removal in step.retires] == [shots[2]]


def test_a_plan_of_an_edit_shows_what_the_edit_will_delete() -> None:
    before, after = tiers_of(("10 minutes", 5)), tiers_of(("10 minutes", 0))
    shots = [shot(ANCHOR + n * 10 * MINUTE, *before) for n in range(6)]
    now = ANCHOR + 55 * MINUTE
    edited = settings(since=now)
    assert decide(after, shots, edited, now).retire == ()
    (step,) = forecast(after, shots, edited, now)
    assert [removal.shot for removal in step.retires] == shots


@pytest.mark.parametrize("group", [settings(suspended=True), settings()])
def test_nothing_is_planned_for_a_group_that_is_suspended_or_has_no_tiers(group: object) -> None:
    tiers = tiers_of("hour") if group == settings(suspended=True) else ()
    assert forecast(tiers, [shot(ANCHOR, "every:3600s")], group, ANCHOR + DAY, 3) == ()  # type: ignore[arg-type]
