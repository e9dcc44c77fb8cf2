from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from unit.policy.world import ANCHOR, DAY, HOUR, MINUTE, shot

from holdfast.policy.shots import newest_first

YEAR = 365 * DAY


def test_a_stamp_more_than_five_minutes_after_the_creation_is_not_believed() -> None:
    early = shot(ANCHOR, stamp=ANCHOR + 5 * MINUTE)
    late = shot(ANCHOR, stamp=ANCHOR + 6 * MINUTE)
    assert (early.when, late.when) == (ANCHOR + 5 * MINUTE, ANCHOR)


@examples(deadline=None)
@given(st.sampled_from(["stamp", "created", "cut"]), st.sampled_from([-YEAR, -2 * HOUR, 2 * HOUR, YEAR]))
def test_no_single_wrong_clock_puts_snapshots_out_of_order(clock: str, error: object) -> None:
    first, second, third = (shot(ANCHOR + n * HOUR) for n in range(3))
    wrong = replace(second, **{clock: getattr(second, clock) + error})
    assert newest_first([wrong, first, third]) == [third, wrong, first]


def test_imported_snapshots_keep_the_order_in_which_they_were_cut() -> None:
    imported = [shot(ANCHOR + n * HOUR, created=ANCHOR + YEAR - n * MINUTE) for n in range(3)]
    for order in permutations(imported):
        assert newest_first(order) == imported[::-1]


def test_a_snapshot_holds_nothing_younger_than_its_cut() -> None:
    assert shot(ANCHOR, cut=None, ready=True).as_of == ANCHOR
    late = replace(shot(ANCHOR), cut=ANCHOR + 3 * HOUR)
    assert (late.taken, late.as_of) == (ANCHOR, ANCHOR + 3 * HOUR)
