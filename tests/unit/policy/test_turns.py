"""Whose turn it is among backups that wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.including import Names
from holdfast.policy.turns import Entry, Move, Phase, may_share, moves

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ALL = Names()


def entry(name: str, phase: Phase, *namespaces: str, position: int = 0) -> Entry:
    """Asked for in the order of the names."""
    return Entry(name, phase, EPOCH + timedelta(seconds=ord(name)), Names(namespaces), position)


def test_the_first_begins_and_the_others_are_numbered() -> None:
    waiting = [entry(name, Phase.NEW, name) for name in "cab"]
    assert list(moves(waiting, 1)) == [
        Move("a", Phase.READY),
        Move("b", Phase.QUEUED, 1),
        Move("c", Phase.QUEUED, 2),
    ]


def test_who_has_its_place_already_is_not_written_again() -> None:
    known = [entry("a", Phase.RUNNING, "a"), entry("b", Phase.QUEUED, "b", position=1)]
    assert list(moves(known, 1)) == []
    assert list(moves(known, 2)) == [Move("b", Phase.READY)]


def test_one_that_shares_a_namespace_waits_and_others_overtake_it() -> None:
    known = [
        entry("a", Phase.RUNNING, "shop"),
        entry("b", Phase.NEW, "shop", "till"),
        entry("c", Phase.NEW, "till"),
        entry("d", Phase.NEW, "lab"),
    ]
    assert list(moves(known, 4)) == [
        Move("b", Phase.QUEUED, 1),
        Move("c", Phase.QUEUED, 2),
        Move("d", Phase.READY),
    ]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (ALL, Names(("shop",)), True),
        (Names((), ("shop",)), Names(("shop",)), False),
        (Names(("team-*",)), Names(("shop",)), False),
        (Names(("team-*",)), Names(("team-a",)), True),
        (Names(("team-*",)), Names(("shop-*",)), True),
        (Names(("shop", "till")), Names(("lab", "till")), True),
        (Names(("shop",), ("shop",)), Names(("shop",)), False),
        (Names(("shop", "lab")), Names(("till",)), False),
    ],
)
def test_who_may_share_a_namespace(one: Names, other: Names, *, share: bool) -> None:
    assert may_share(one, other) is share
    assert may_share(other, one) is share


PHASES = st.sampled_from(Phase)
SPACES = st.lists(st.sampled_from(["a", "b", "c", "*"]), max_size=2, unique=True)


@given(st.lists(st.tuples(PHASES, SPACES), max_size=8), st.integers(1, 4))
def test_never_too_many_and_never_two_in_one_namespace(
    drawn: list[tuple[Phase, list[str]]], most: int
) -> None:
    known = {chr(97 + n): entry(chr(97 + n), phase, *spaces) for n, (phase, spaces) in enumerate(drawn)}
    running = {name for name, e in known.items() if e.phase in {Phase.READY, Phase.RUNNING}}
    begins = {move.name for move in moves(known.values(), most) if move.phase is Phase.READY}
    assert len(begins) <= max(0, most - len(running))
    for name in begins:
        others = (begins | running) - {name}
        assert not any(may_share(known[name].namespaces, known[other].namespaces) for other in others)
