"""What was scaled down comes back, whoever dies, sleeps or interferes; and nobody is overruled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.quiescing import (
    DELETE,
    OVER,
    PATIENCE,
    RETAIN,
    Down,
    Fate,
    Owner,
    Size,
    State,
    Up,
    fate,
    patience,
    problem,
    step_down,
    step_up,
)

UID = "recorded"
HAD = 3
WEB = ("apps/v1", "StatefulSet", "web")

sizes = st.builds(
    Size,
    uid=st.sampled_from([UID, "another"]),
    replicas=st.integers(0, 4),
    pods=st.integers(0, 4),
    seen=st.booleans(),
    when_scaled=st.sampled_from(["", RETAIN, DELETE]),
)
states = st.sampled_from(State)
owners = st.builds(
    Owner,
    kind=st.sampled_from(["ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "Kafka"]),
    name=st.just("x"),
    scales=st.booleans(),
    alive=st.booleans(),
)


@given(state=states, now=st.none() | sizes)
def test_replicas_go_only_where_claims_are_retained_and_it_is_written_down(
    state: State, now: Size | None
) -> None:
    if step_down(state, UID, now) is Down.LOWER:
        assert now
        assert now.uid == UID
        assert now.when_scaled != DELETE
        assert state is State.LOWERING


@given(state=states, now=st.none() | sizes)
def test_what_is_done_has_no_pods(state: State, now: Size | None) -> None:
    if step_down(state, UID, now) is Down.DONE and now and now.uid == UID and state not in OVER:
        assert (now.replicas, now.pods, now.seen) == (0, 0, True)


@given(state=states, now=st.none() | sizes)
def test_only_what_was_lowered_and_has_nothing_is_raised(state: State, now: Size | None) -> None:
    if step_up(state, UID, HAD, "", now) is Up.RAISE:
        assert state is State.DOWN
        assert now
        assert (now.uid, now.replicas) == (UID, 0)


@given(now=sizes)
def test_what_rose_again_is_a_fight_and_no_second_lowering(now: Size) -> None:
    if now.uid == UID and now.replicas:
        assert step_down(State.DOWN, UID, now) is Down.FIGHT


@given(now=sizes)
def test_the_retention_policy_comes_back_only_when_no_claim_is_in_excess(now: Size) -> None:
    if step_up(State.DOWN, UID, HAD, DELETE, now) is Up.POLICY:
        assert now.replicas >= HAD


@given(chain=st.lists(owners, max_size=4))
def test_a_pod_is_stopped_by_the_highest_that_scales_or_not_at_all(chain: list[Owner]) -> None:
    outcome, owner, said = fate("pod-0", chain)
    assert "pod-0" in said or (owner and owner.kind == "DaemonSet")
    if outcome is Fate.SCALE:
        assert owner
        above = chain[next(i for i, each in enumerate(chain) if each is owner) + 1 :]
        assert owner.scales
        assert not any(each.scales for each in above)
        assert all(each.alive and each.kind != "Job" for each in chain)
    if outcome is Fate.WAIT:
        assert any(each.kind == "Job" for each in chain)


@pytest.mark.parametrize(
    ("mode", "timeout", "targets", "said"),
    [
        ("", "", [], ""),
        ("None", "5m", [], ""),
        ("Auto", "10 minutes", [], ""),
        ("List", "", [WEB], ""),
        ("auto", "", [], "'auto' is none of None, Auto, List"),
        ("List", "", [], "needs at least one workload"),
        ("Auto", "", [WEB], "only mode List follows them"),
        ("List", "", [WEB, ("", "Deployment", "shop")], "each needs apiVersion"),
        ("Auto", "soon", [], "quiesce.timeout: interval 'soon' cannot be read"),
        ("Auto", "0s", [], "more than 0s"),
    ],
)
def test_what_cannot_be_meant_is_named_with_the_remedy(
    mode: str, timeout: str, targets: list[tuple[str, str, str]], said: str
) -> None:
    found = problem(mode, timeout, targets)
    assert said in found
    assert bool(found) == bool(said)


def test_who_only_waits_has_all_the_time() -> None:
    assert patience("", "") is None
    assert patience("Auto", "") == PATIENCE
    assert patience("None", "5m") == timedelta(minutes=5)


@dataclass
class Cluster:
    """One workload and its record, as the API server would keep them."""

    size: Size = field(default_factory=lambda: Size(UID, HAD, when_scaled=DELETE))
    version: int = 0
    state: State = State.RECORDED
    journal: int = 0
    had: str = DELETE

    def change(self, seen: int, **fields: object) -> None:
        """A write with a resourceVersion: one that was decided on an old view is refused."""
        if seen == self.version:
            self.size = replace(self.size, **fields)  # type: ignore[arg-type]
            self.version += 1

    def note(self, seen: int, state: State) -> None:
        if seen == self.journal:
            self.state, self.journal = state, self.journal + 1


@dataclass
class Operator:
    """Looks, and acts in a second step; between the two it may sleep for as long as it likes."""

    cluster: Cluster
    act: list[tuple[str, int, object]] = field(default_factory=list)

    def turn(self, *, back: bool) -> None:
        if self.act:
            self._carry_out(*self.act.pop())
        else:
            self._look(back=back)

    def _look(self, *, back: bool) -> None:
        c = self.cluster
        up = step_up(c.state, UID, HAD, c.had, c.size) if back else Up.LOWER
        if up is Up.LOWER:
            self._look_down()
        elif up in {Up.DONE, Up.LEAVE}:
            self.act.append(("note", c.journal, State.UP if up is Up.DONE else State.LEFT))
        elif up in {Up.RAISE, Up.POLICY}:
            change = {"replicas": HAD} if up is Up.RAISE else {"when_scaled": DELETE}
            self.act.append(("change", c.version, change))

    def _look_down(self) -> None:
        c, step = self.cluster, step_down(self.cluster.state, UID, self.cluster.size)
        notes = {Down.MARK: State.LOWERING, Down.NOTE: State.DOWN, Down.SKIP: State.LEFT}
        changes: dict[Down, dict[str, object]] = {
            Down.RETAIN: {"when_scaled": RETAIN},
            Down.LOWER: {"replicas": 0},
        }
        if step in notes:
            self.act.append(("note", c.journal, notes[step]))
        elif step in changes:
            self.act.append(("change", c.version, changes[step]))

    def _carry_out(self, kind: str, seen: int, what: object) -> None:
        if kind == "note":
            assert isinstance(what, State)
            self.cluster.note(seen, what)
        else:
            assert isinstance(what, dict)
            self.cluster.change(seen, **what)


def _over(cluster: Cluster) -> bool:
    return step_up(cluster.state, UID, HAD, cluster.had, cluster.size) is Up.NOTHING


def _finish(operator: Operator) -> None:
    for _ in range(40):
        operator.turn(back=True)


@given(turns=st.lists(st.tuples(st.integers(0, 1), st.booleans()), max_size=30), asleep=st.booleans())
def test_two_operators_leave_a_workload_as_it_was_whenever_it_is_called_off(
    turns: list[tuple[int, bool]], *, asleep: bool
) -> None:
    """Each may sleep between look and act, or be killed there; then one alone brings everything back."""
    cluster = Cluster()
    pair = (Operator(cluster), Operator(cluster))
    for who, killed in turns:
        pair[who].turn(back=False)
        if killed:
            pair[who].act.clear()
    _finish(pair[0])
    assert _over(cluster)
    assert (cluster.size.replicas, cluster.size.when_scaled) == (HAD, DELETE)
    if asleep:
        pair[1].turn(back=True)  # wakes up and carries out what it had decided on
        assert (cluster.size.replicas, cluster.size.when_scaled) == (HAD, DELETE)


@given(before=st.integers(0, 12), wanted=st.integers(1, 6))
def test_a_size_that_somebody_gives_meanwhile_is_kept(before: int, wanted: int) -> None:
    cluster = Cluster()
    operator = Operator(cluster)
    for _ in range(before):
        operator.turn(back=False)
    lowered = cluster.state is State.DOWN
    cluster.change(cluster.version, replicas=wanted)
    _finish(operator)
    assert _over(cluster)
    if lowered:
        assert cluster.size.replicas == wanted
