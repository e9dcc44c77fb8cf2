"""A run of a drill in a world that misbehaves on demand: whatever happens, it ends, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.proving import (
    Act,
    Checks,
    Claim,
    Failure,
    Hold,
    Phase,
    Pod,
    Result,
    Sight,
    Volume,
    next_step,
)

OWN = {Claim.PENDING, Claim.BOUND, Claim.GOING}
ENDED = st.sampled_from([Pod.SUCCEEDED, Pod.FAILED])
MOST = 200  # steps that no run needs

START = Sight(
    phase=Phase.RESTORING,
    checks=Checks.POD,
    late=False,
    usable=True,
    hold=Hold.NOBODY,
    claim=Claim.MISSING,
    volume=Volume.NONE,
    pod=Pod.MISSING,
)
SIGHTS = st.builds(
    Sight,
    phase=st.sampled_from(Phase),
    checks=st.sampled_from(Checks),
    late=st.booleans(),
    usable=st.booleans(),
    hold=st.sampled_from(Hold),
    claim=st.sampled_from(Claim),
    volume=st.sampled_from(Volume),
    pod=st.sampled_from(Pod),
)
EFFECTS: dict[Act, dict[str, Any]] = {
    Act.HOLD: {"hold": Hold.RUN},
    Act.CREATE_CLAIM: {"claim": Claim.PENDING},
    Act.CREATE_POD: {"pod": Pod.ACTIVE},
    Act.NOTE_BOUND: {"phase": Phase.CHECKING},
    Act.FREE_VOLUME: {"volume": Volume.GOES_ALONG},
    Act.PROVE: {"phase": Phase.CLEANING},
    Act.DELETE_POD: {"pod": Pod.GOING},
    Act.DELETE_CLAIM: {"claim": Claim.GOING},
    Act.RELEASE: {"hold": Hold.NOBODY},
}
"""What a cluster makes of each act."""


@dataclass
class World:
    """A run under way; `turns` is what the cluster and other people do in between."""

    seen: Sight
    turns: st.DataObject
    result: Result | None = None
    over: bool = False
    done: list[Act] = field(default_factory=list)

    def play(self) -> None:
        for _ in range(MOST):
            step = next_step(self.seen)
            self.seen = self._after(step)
            if self.over:
                return
            self.seen = self._meanwhile()
        pytest.fail(f"no end: {self.done[-20:]}, {self.seen}")

    def _after(self, step: Act | Failure) -> Sight:
        if isinstance(step, Failure):
            self.result = Result.FAILED
            return replace(self.seen, phase=Phase.CLEANING)
        self.done.append(step)
        if step is Act.PROVE:
            self.result = Result.PROVEN
        self.over = step is Act.FINISH
        return replace(self.seen, **EFFECTS.get(step, {}))

    def _meanwhile(self) -> Sight:
        """Things go on; at the latest when the time is over."""
        seen, draw = self.seen, self.turns.draw
        seen = replace(
            seen, late=seen.late or draw(st.booleans()), usable=seen.usable and draw(st.booleans())
        )
        if seen.claim is Claim.PENDING and draw(st.booleans()):
            volume = draw(st.sampled_from([Volume.GOES_ALONG, Volume.STAYS, Volume.OLDER]))
            seen = replace(seen, claim=Claim.BOUND, volume=volume)
        if seen.claim is Claim.GOING and seen.pod in {Pod.MISSING, Pod.FOREIGN}:
            seen = replace(seen, claim=Claim.MISSING, volume=Volume.NONE)
        if seen.pod is Pod.GOING:
            seen = replace(seen, pod=Pod.MISSING)
        if seen.pod is Pod.ACTIVE and seen.claim is Claim.BOUND and draw(st.booleans()):
            seen = replace(seen, pod=draw(ENDED))
        return self._interfered(seen)

    def _interfered(self, seen: Sight) -> Sight:
        """What other people do to the run."""
        what = self.turns.draw(st.sampled_from(["", "", "", "", "claim", "pod"]))
        if what == "claim" and seen.claim in {Claim.PENDING, Claim.BOUND}:
            return replace(seen, claim=Claim.GOING)
        if what == "pod" and seen.pod in {Pod.ACTIVE, Pod.SUCCEEDED, Pod.FAILED}:
            return replace(seen, pod=Pod.GOING)
        return seen


@given(st.sampled_from(Checks), st.sampled_from([Hold.NOBODY, Hold.OTHER]), st.data())
def test_every_run_ends_with_a_result_and_leaves_nothing_behind(
    checks: Checks, hold: Hold, turns: st.DataObject
) -> None:
    world = World(replace(START, checks=checks, hold=hold), turns)
    world.play()
    assert world.result
    assert world.seen.claim not in OWN
    assert world.seen.pod in {Pod.MISSING, Pod.FOREIGN}
    assert world.seen.hold is not Hold.RUN
    assert Act.RELEASE not in world.done or hold is Hold.NOBODY


@given(SIGHTS)
def test_what_is_not_the_drills_is_never_deleted(seen: Sight) -> None:
    step = next_step(seen)
    assert step is not Act.DELETE_CLAIM or seen.claim in {Claim.PENDING, Claim.BOUND}
    assert step is not Act.DELETE_POD or seen.pod in {Pod.ACTIVE, Pod.SUCCEEDED, Pod.FAILED}
    assert step is not Act.RELEASE or seen.hold is Hold.RUN
    assert step is not Act.FREE_VOLUME or seen.volume is Volume.STAYS


@given(SIGHTS)
def test_a_proof_needs_a_bound_claim_with_a_new_volume_and_a_check_that_ended_well(seen: Sight) -> None:
    if next_step(seen) is Act.PROVE:
        assert seen.phase is Phase.CHECKING
        assert seen.claim is Claim.BOUND
        assert seen.volume is not Volume.OLDER
        assert seen.pod is Pod.SUCCEEDED or seen.checks is Checks.BINDING


@given(SIGHTS)
def test_nothing_is_made_and_nothing_proven_once_there_is_a_result(seen: Sight) -> None:
    making = {Act.HOLD, Act.CREATE_CLAIM, Act.CREATE_POD, Act.NOTE_BOUND, Act.PROVE}
    assert seen.phase is not Phase.CLEANING or next_step(seen) not in making


@given(SIGHTS)
def test_a_run_waits_for_its_time_at_most(seen: Sight) -> None:
    if seen.late and seen.phase is not Phase.CLEANING and seen.volume is not Volume.STAYS:
        assert next_step(seen) is not Act.WAIT


def checking(**changes: object) -> Sight:
    bound = replace(START, phase=Phase.CHECKING, claim=Claim.BOUND, volume=Volume.GOES_ALONG, pod=Pod.ACTIVE)
    return replace(bound, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "failure"),
    [
        (replace(START, usable=False), Failure.SNAPSHOT),
        (replace(START, claim=Claim.PENDING, usable=False), Failure.SNAPSHOT),
        (replace(START, claim=Claim.FOREIGN), Failure.CLAIM_TAKEN),
        (replace(START, claim=Claim.PENDING, pod=Pod.FOREIGN), Failure.POD_TAKEN),
        (replace(START, claim=Claim.PENDING, late=True), Failure.UNBOUND),
        (checking(claim=Claim.MISSING), Failure.CLAIM_GONE),
        (checking(claim=Claim.GOING), Failure.CLAIM_GONE),
        (checking(volume=Volume.OLDER), Failure.VOLUME),
        (checking(pod=Pod.MISSING), Failure.POD_GONE),
        (checking(pod=Pod.FAILED), Failure.CHECK),
        (checking(late=True), Failure.LATE),
    ],
)
def test_what_went_wrong_is_named(seen: Sight, failure: Failure) -> None:
    assert next_step(seen) is failure


def test_a_check_that_ended_well_in_the_last_moment_counts() -> None:
    assert next_step(checking(pod=Pod.SUCCEEDED, late=True)) is Act.PROVE


def test_a_snapshot_that_goes_after_its_data_was_restored_is_not_missed() -> None:
    assert next_step(checking(usable=False)) is Act.WAIT
