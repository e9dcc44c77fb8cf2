"""All of a set or nothing: whoever decides on an old view, turns back, is called off or dies in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.exchange import CANCELLABLE, FINAL, UNTOUCHED, Phase
from holdfast.policy.together import UNDONE, Member, Turn, flaw, turn, unfinished, waits_for

NAMES = ("a", "b", "c")
FORWARD = [p for p in Phase if p not in UNDONE]


def fresh(name: str) -> Member:
    return Member(name=name, claim=f"claim-{name}", members=NAMES)


@dataclass(frozen=True)
class View:
    """What one operator saw of the set, and will decide on when it comes to it."""

    name: str
    seen: dict[str, Member]


@dataclass
class Cluster:
    """The journals of a set, operators that look and act at any time, and users who change their minds.

    A journal is written only by who has seen its last state, as the API server sees to.
    """

    journals: dict[str, Member] = field(default_factory=lambda: {n: fresh(n) for n in NAMES})
    broken: frozenset[str] = frozenset()
    """Whose preflight fails."""
    views: list[View] = field(default_factory=list)
    saved: set[str] = field(default_factory=set)
    deleted: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """Whose claim was deleted, and whose safety snapshots there were then."""
    raised: list[dict[str, Phase]] = field(default_factory=list)
    """Where all were when workloads came back after a rollback."""

    def look(self, name: str) -> None:
        self.views.append(View(name, dict(self.journals)))

    def act(self, which: int) -> None:
        """One operator carries out what it decided on, perhaps long ago."""
        if not self.views:
            return
        view = self.views.pop(which % len(self.views))
        own, others = view.seen[view.name], [m for n, m in view.seen.items() if n != view.name]
        if self.journals[own.name] == own:
            self.journals[own.name] = self._decided(own, others)

    def step(self, name: str) -> None:
        self.look(name)
        self.act(len(self.views) - 1)

    def ask(self, name: str, *, back: bool) -> None:
        """A user calls it off, or wants it back."""
        own = self.journals[name]
        if back:
            self.journals[name] = replace(own, recalled=True)
        elif own.phase in CANCELLABLE:
            self.journals[name] = replace(own, phase=_away(own), reason="cancelled")

    def _decided(self, own: Member, others: list[Member]) -> Member:
        if own.recalled and not own.agreed and own.phase not in FINAL | {Phase.ROLLING_BACK}:
            return replace(own, phase=_away(own), reason="asked for")
        way, why = turn(own, others, ())
        if way is Turn.FAIL:
            return replace(own, phase=Phase.FAILED, reason=why)
        if way is Turn.BACK:
            return replace(own, phase=Phase.ROLLING_BACK, reason=why)
        return own if waits_for(own, others) else self._advanced(own, others)

    def _advanced(self, own: Member, others: list[Member]) -> Member:  # noqa: PLR0911  (one line a phase)
        match own.phase:
            case Phase.PREFLIGHT if own.name in self.broken:
                return replace(own, phase=Phase.FAILED, reason="refused")
            case Phase.FREEZE if not own.touched:
                return replace(own, touched=True)
            case Phase.SAFETY_SNAPSHOT if not own.saved:
                self.saved.add(own.name)
                return replace(own, saved=True)
            case Phase.DELETE:
                self.deleted.append((own.name, frozenset(self.saved)))
            case Phase.SETTLE if not own.agreed:
                return replace(own, agreed=True)
            case Phase.ROLLING_BACK:
                return self._returned(own, others)
            case phase if phase in FINAL:
                return own
        after = FORWARD[FORWARD.index(own.phase) + 1]
        return replace(own, phase=after, created=own.created or after is Phase.CREATE)

    def _returned(self, own: Member, others: list[Member]) -> Member:
        if own.bears and unfinished(others):
            return own
        if own.bears:
            self.raised.append({n: m.phase for n, m in self.journals.items()})
        return replace(own, phase=Phase.ROLLED_BACK)

    def end(self) -> None:
        """Everybody looks and acts until nothing changes any more."""
        before: dict[str, Member] = {}
        while before != self.journals:
            before = dict(self.journals)
            for name in NAMES:
                self.step(name)


def _away(own: Member) -> Phase:
    return Phase.ROLLING_BACK if own.touched else Phase.FAILED


names = st.sampled_from(NAMES)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("step"), names),
        st.tuples(st.just("look"), names),
        st.tuples(st.just("act"), st.integers(0, 9)),
        st.tuples(st.just("cancel"), names),
        st.tuples(st.just("back"), names),
    ),
    max_size=30,
)
ALL_SETTLED = 14
rounds = st.integers(0, ALL_SETTLED) | st.sampled_from([ALL_SETTLED, ALL_SETTLED + 1])
"""How far all have come before anybody interferes; most is at stake when all have settled or have agreed."""


def played(ahead: int, acts: list[tuple[str, str | int]], broken: frozenset[str] = frozenset()) -> Cluster:
    cluster = Cluster(broken=broken)
    for _ in range(ahead):
        for name in NAMES:
            cluster.step(name)
    for act, what in acts:
        match act, what:
            case "step", str(name):
                cluster.step(name)
            case "look", str(name):
                cluster.look(name)
            case "act", int(which):
                cluster.act(which)
            case _, str(name):
                cluster.ask(name, back=act == "back")
    cluster.end()
    return cluster


@given(ahead=rounds, acts=steps, broken=st.frozensets(names, max_size=1))
def test_all_end_done_or_none_does(
    ahead: int, acts: list[tuple[str, str | int]], broken: frozenset[str]
) -> None:
    phases = {m.phase for m in played(ahead, acts, broken).journals.values()}
    assert phases <= FINAL
    assert phases == {Phase.DONE} or Phase.DONE not in phases


@given(ahead=rounds, acts=steps)
def test_no_claim_goes_before_all_are_saved(ahead: int, acts: list[tuple[str, str | int]]) -> None:
    for _, saved in played(ahead, acts).deleted:
        assert saved == set(NAMES)


@given(acts=steps, broken=names)
def test_nothing_is_touched_when_one_is_refused(acts: list[tuple[str, str | int]], broken: str) -> None:
    cluster = played(0, acts, frozenset(broken))
    assert not any(m.touched for m in cluster.journals.values())
    assert {m.phase for m in cluster.journals.values()} == {Phase.FAILED}


@given(ahead=rounds, acts=steps)
def test_workloads_come_back_when_all_are_back(ahead: int, acts: list[tuple[str, str | int]]) -> None:
    for phases in played(ahead, acts).raised:
        assert {p for n, p in phases.items() if n != min(NAMES)} <= {Phase.ROLLED_BACK, Phase.FAILED}


def test_undisturbed_all_are_done() -> None:
    cluster = Cluster()
    for _ in range(ALL_SETTLED):
        for name in NAMES:
            cluster.step(name)
    assert {m.phase for m in cluster.journals.values()} == {Phase.SETTLE}
    assert not any(m.agreed for m in cluster.journals.values())
    cluster.end()
    assert {m.phase for m in cluster.journals.values()} == {Phase.DONE}
    assert sorted(name for name, _ in cluster.deleted) == list(NAMES)


def test_a_restore_that_is_gone_turns_the_others_back_but_not_once_they_have_settled() -> None:
    def way(phase: Phase, *, touched: bool = False) -> Turn:
        return turn(replace(fresh("a"), phase=phase, touched=touched), [fresh("b")], ["c"])[0]

    assert way(Phase.REQUESTED) is Turn.ON
    assert way(Phase.PREFLIGHT) is Turn.FAIL
    assert way(Phase.QUIESCE, touched=True) is Turn.BACK
    assert way(Phase.SETTLE, touched=True) is Turn.ON


def test_a_stuck_restore_that_is_deleted_turns_the_others_back() -> None:
    stuck = replace(fresh("b"), phase=Phase.CREATE, touched=True, leaving=True, blocked=True)
    assert turn(replace(fresh("a"), phase=Phase.RESUME, touched=True), [stuck], [])[0] is Turn.BACK


def test_the_first_cause_is_the_one_that_is_named() -> None:
    first = replace(fresh("c"), phase=Phase.FAILED, reason="snapshot s does not exist")
    _, why = turn(replace(fresh("b"), phase=Phase.FREEZE), [first], [])
    second = replace(fresh("b"), phase=Phase.FAILED, reason=why)
    assert turn(replace(fresh("a"), phase=Phase.FREEZE), [second], [])[1] == why
    assert why == "restore c of its set: snapshot s does not exist"


@pytest.mark.parametrize(
    ("own", "other", "says"),
    [
        (replace(fresh("a"), members=("b",)), replace(fresh("b"), members=("b",)), "does not name restore a"),
        (fresh("a"), replace(fresh("b"), members=("a", "b")), "restore b names other members"),
        (fresh("a"), replace(fresh("b"), claim="claim-a"), "claim claim-a is in the set twice"),
        (fresh("a"), fresh("b"), ""),
    ],
)
def test_a_set_that_makes_no_sense_is_refused(own: Member, other: Member, says: str) -> None:
    assert says in flaw(own, [other])
    assert bool(says) == bool(flaw(own, [other]))


def test_untouched_phases_wait_for_nobody() -> None:
    assert not [p for p in UNTOUCHED if waits_for(replace(fresh("a"), phase=p), [fresh("b")])]
