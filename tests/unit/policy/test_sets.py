"""Snapshots of several claims at one moment: counted, kept and let go as one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from unit.policy.world import ANCHOR, GROUP, HOUR, MINUTE, settings, shot, tiers_of

from holdfast.policy.decisions import Removal
from holdfast.policy.planning import decide
from holdfast.policy.sets import ONE_MOMENT, Part, as_one, can_be_completed, part_keys, phase_of_all, spread

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.policy.shots import Shot

SECOND = timedelta(seconds=1)
CLAIMS = ("data-web-0", "data-web-1", "data-web-2")
NAME = f"{GROUP}-1"
TIERS = tiers_of(("hour", 2))


def parts(*changes: dict[str, object]) -> list[Part]:
    """A part for each claim, changed as said."""
    return [
        Part(claim, shot(ANCHOR, *TIERS, uid=claim, **change))  # type: ignore[arg-type]
        for claim, change in zip(CLAIMS, changes, strict=False)
    ]


def whole(*changes: dict[str, object]) -> Shot:
    return as_one(NAME, CLAIMS, parts(*changes))


def test_a_set_is_ready_when_all_of_it_is() -> None:
    assert whole({}, {}, {}).ready
    assert not whole({}, {"ready": False}, {}).ready
    assert whole({}, {"ready": False, "cut": True}, {}).cut == ANCHOR


def test_a_set_is_of_the_moment_when_its_last_part_was_cut_and_uncut_until_then() -> None:
    late = Part(CLAIMS[2], replace(shot(ANCHOR), cut=ANCHOR + SECOND))
    assert as_one(NAME, CLAIMS, [*parts({}, {}), late]).as_of == ANCHOR + SECOND
    assert whole({}, {"ready": False, "cut": False}, {}).cut is None


def test_a_set_knows_what_it_lacks_and_is_neither_ready_nor_cut_without_it() -> None:
    incomplete = whole({}, {})
    assert incomplete.lacks == ("data-web-2",)
    assert (incomplete.ready, incomplete.cut) == (False, None)


def test_what_is_said_of_one_part_is_said_of_the_set() -> None:
    assert whole({}, {"held": True}, {}).held
    assert whole({}, {"terminating": True}, {}).terminating
    assert whole({}, {"ready": False, "error": "full"}, {"ready": False, "error": "slow"}).error == "full"


def test_a_set_is_completed_within_a_minute_and_never_later() -> None:
    incomplete = whole({}, {})
    assert can_be_completed(incomplete, ANCHOR + ONE_MOMENT - SECOND)
    assert not can_be_completed(incomplete, ANCHOR + ONE_MOMENT)
    assert not can_be_completed(whole({}, {}, {}), ANCHOR)
    assert not can_be_completed(whole({}, {"terminating": True}), ANCHOR)
    assert not can_be_completed(replace(incomplete, kind="manual"), ANCHOR)


def test_a_set_that_was_not_completed_has_failed_and_the_next_slot_brings_another() -> None:
    often, slot = tiers_of("10 minutes"), ANCHOR + 10 * MINUTE
    incomplete = whole({}, {})
    within = decide(often, [incomplete], settings(), ANCHOR + 30 * SECOND)
    assert (within.take, within.failed) == (None, ())
    after = decide(often, [incomplete], settings(), ANCHOR + ONE_MOMENT)
    assert (after.take, after.next_due) == (None, slot)
    due = decide(often, [incomplete], settings(), slot)
    assert due.take
    assert due.take.slot == slot


def test_an_incomplete_set_goes_only_after_a_newer_one_is_ready() -> None:
    """Somebody deleted a part: the others may be the last good snapshots of their claims."""
    broken = whole({}, {})
    newer = shot(ANCHOR + HOUR, *TIERS)
    now = ANCHOR + HOUR + MINUTE
    assert decide(TIERS, [broken], settings(), now).failed == ()
    assert decide(TIERS, [broken, replace(newer, ready=False, cut=None)], settings(), now).failed == ()
    (removal,) = decide(TIERS, [broken, newer], settings(), now).failed
    assert removal == Removal(broken, "without a snapshot of data-web-2")
    assert decide(TIERS, [replace(broken, held=True), newer], settings(), now).failed == ()


def test_the_spread_is_between_the_first_and_the_last_cut() -> None:
    cuts = [ANCHOR + n * SECOND for n in (3, 0, 2)]
    assert spread([replace(shot(ANCHOR), cut=cut) for cut in cuts]) == 3 * SECOND
    assert spread([shot(ANCHOR, ready=False)]) == timedelta()


def test_claims_of_one_template_are_named_by_their_ordinals_all_others_by_digits() -> None:
    assert part_keys(CLAIMS) == {"data-web-0": "0", "data-web-1": "1", "data-web-2": "2"}
    for mixed in (("data-web-0", "logs-web-0"), ("data",), ("a-1", "a-01"), ("a-1", "a-x")):
        keys = part_keys(mixed)
        assert len(set(keys.values())) == len(mixed)
        assert {len(key) for key in keys.values()} == {8}


claim_names = st.from_regex(r"[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,3}", fullmatch=True)


@examples(deadline=None)
@given(st.sets(claim_names, min_size=1, max_size=6))
def test_no_two_claims_of_a_set_share_a_name(claims: set[str]) -> None:
    keys = part_keys(claims)
    assert keys.keys() == claims
    assert len(set(keys.values())) == len(claims)
    assert all(1 <= len(key) <= 8 for key in keys.values())


@dataclass
class Sets:
    """Sets over time, whose operator obeys decisions, and dies between any two deletes."""

    min_ready: int
    now: datetime = ANCHOR
    taken: dict[str, list[Part]] = field(default_factory=dict)

    @property
    def shots(self) -> list[Shot]:
        return [as_one(name, CLAIMS, found) for name, found in self.taken.items() if found]

    def step(self, made: int, *, ready: bool, deletes: int) -> None:
        """A pass that makes and deletes so many snapshots before it is killed."""
        decision = decide(TIERS, self.shots, settings(min_ready=self.min_ready), self.now)
        before = sum(s.ready for s in self.shots)
        if decision.take:
            slot = decision.take.slot
            self.taken[str(slot)] = [
                Part(claim, shot(slot, *TIERS, ready=ready, created=self.now)) for claim in CLAIMS[:made]
            ]
        doomed = [r.shot for r in (*decision.retire, *decision.failed)]
        for gone in doomed:
            left = self.taken[gone.name][deletes:]
            self.taken[gone.name], deletes = left, max(0, deletes - 3)
        after = sum(s.ready for s in self.shots)
        assert after >= min(before, self.min_ready)


steps = st.lists(
    st.tuples(st.sampled_from([3, 3, 3, 2, 1]), st.booleans(), st.sampled_from([9, 9, 2, 1])), max_size=30
)


@examples(deadline=None)
@given(steps, st.integers(0, 3))
def test_killed_anywhere_no_set_is_kept_in_part_and_the_floor_of_ready_ones_holds(
    passes: list[tuple[int, bool, int]], floor: int
) -> None:
    world = Sets(floor)
    for made, ready, deletes in passes:
        world.step(made, ready=ready, deletes=deletes)
        world.now += HOUR
    for _ in range(4):  # left alone, it comes to rest
        world.step(3, ready=True, deletes=99)
        world.now += HOUR
    world.step(3, ready=True, deletes=99)
    assert all(not s.lacks for s in world.shots)
    assert sum(s.ready for s in world.shots) <= max(3, floor) + 1


@pytest.mark.parametrize(
    ("phases", "phase"),
    [
        (["Settle", "Quiesce", "Preflight"], "Preflight"),
        (["Settle", "Done"], "Settle"),
        (["Settle", "RollingBack"], "RollingBack"),
        (["RolledBack", "Delete"], "RollingBack"),
        (["RolledBack", "RolledBack"], "RolledBack"),
        (["Failed", "Failed"], "Failed"),
        (["Failed", "Preflight"], "RollingBack"),
    ],
)
def test_a_restore_of_a_set_is_where_its_last_member_is_or_on_the_way_back(
    phases: list[str], phase: str
) -> None:
    assert phase_of_all(phases) == phase
