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
    Part,
    Phase,
    Pod,
    Result,
    Sight,
    Step,
    Volume,
    next_step,
)

OWN = {Claim.PENDING, Claim.BOUND, Claim.GOING}
ENDED = st.sampled_from([Pod.SUCCEEDED, Pod.FAILED])
MOST = 100  # steps that no run needs
TIME = 20  # steps after which its time is over

NEW = Part(usable=True, hold=Hold.NOBODY, claim=Claim.MISSING, volume=Volume.NONE)
START = Sight(phase=Phase.RESTORING, checks=Checks.POD, late=False, parts=(NEW,), pod=Pod.MISSING)
PARTS = st.builds(
    Part,
    usable=st.booleans(),
    hold=st.sampled_from(Hold),
    claim=st.sampled_from(Claim),
    volume=st.sampled_from(Volume),
)
SIGHTS = st.builds(
    Sight,
    phase=st.sampled_from(Phase),
    checks=st.sampled_from(Checks),
    late=st.booleans(),
    parts=st.lists(PARTS, min_size=1, max_size=3).map(tuple),
    pod=st.sampled_from(Pod),
)
EFFECTS: dict[Act, dict[str, Any]] = {
    Act.CREATE_POD: {"pod": Pod.ACTIVE},
    Act.NOTE_BOUND: {"phase": Phase.CHECKING},
    Act.PROVE: {"phase": Phase.CLEANING},
    Act.DELETE_POD: {"pod": Pod.GOING},
}
"""What a cluster makes of each act."""
ON_PARTS: dict[Act, dict[str, Any]] = {
    Act.HOLD: {"hold": Hold.RUN},
    Act.CREATE_CLAIM: {"claim": Claim.PENDING},
    Act.FREE_VOLUME: {"volume": Volume.GOES_ALONG},
    Act.DELETE_CLAIM: {"claim": Claim.GOING},
    Act.RELEASE: {"hold": Hold.NOBODY},
}
"""And of those that are about parts."""
OF_PARTS = {Failure.SNAPSHOT, Failure.CLAIM_TAKEN, Failure.CLAIM_GONE, Failure.VOLUME, Failure.UNBOUND}


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

    def _after(self, step: Step) -> Sight:
        if isinstance(step.what, Failure):
            self.result = Result.FAILED
            return replace(self.seen, phase=Phase.CLEANING)
        self.done.append(step.what)
        if step.what is Act.PROVE:
            self.result = Result.PROVEN
        self.over = step.what is Act.FINISH
        changed = ON_PARTS.get(step.what, {})
        parts = [
            replace(part, **changed) if n in step.parts else part for n, part in enumerate(self.seen.parts)
        ]
        return replace(self.seen, parts=tuple(parts), **EFFECTS.get(step.what, {}))

    def _meanwhile(self) -> Sight:
        """Things go on; at the latest when the time is over."""
        seen, draw = self.seen, self.turns.draw
        parts = tuple(self._moved(part, seen.pod) for part in seen.parts)
        seen = replace(seen, late=seen.late or len(self.done) > TIME or draw(st.booleans()), parts=parts)
        if seen.pod is Pod.GOING:
            seen = replace(seen, pod=Pod.MISSING)
        if seen.pod is Pod.ACTIVE and all(part.bound for part in parts) and draw(st.booleans()):
            seen = replace(seen, pod=draw(ENDED))
        return self._interfered(seen)

    def _moved(self, part: Part, pod: Pod) -> Part:
        draw = self.turns.draw
        part = replace(part, usable=part.usable and draw(st.booleans()))
        if part.claim is Claim.PENDING and draw(st.booleans()):
            volume = draw(st.sampled_from([Volume.GOES_ALONG, Volume.STAYS, Volume.OLDER]))
            return replace(part, claim=Claim.BOUND, volume=volume)
        if part.claim is Claim.GOING and pod in {Pod.MISSING, Pod.FOREIGN}:
            return replace(part, claim=Claim.MISSING, volume=Volume.NONE)
        return part

    def _interfered(self, seen: Sight) -> Sight:
        """What other people do to the run."""
        what = self.turns.draw(st.sampled_from(["", "", "", "", "claim", "pod"]))
        if what == "claim" and seen.parts[-1].claim in {Claim.PENDING, Claim.BOUND}:
            going = replace(seen.parts[-1], claim=Claim.GOING)
            return replace(seen, parts=(*seen.parts[:-1], going))
        if what == "pod" and seen.pod in {Pod.ACTIVE, Pod.SUCCEEDED, Pod.FAILED}:
            return replace(seen, pod=Pod.GOING)
        return seen


@given(
    st.sampled_from(Checks),
    st.lists(st.sampled_from([Hold.NOBODY, Hold.OTHER]), min_size=1, max_size=3),
    st.data(),
)
def test_every_run_ends_with_a_result_and_leaves_nothing_behind(
    checks: Checks, holds: list[Hold], turns: st.DataObject
) -> None:
    world = World(replace(START, checks=checks, parts=tuple(replace(NEW, hold=h) for h in holds)), turns)
    world.play()
    assert world.result
    assert not [part for part in world.seen.parts if part.claim in OWN or part.hold is Hold.RUN]
    assert world.seen.pod in {Pod.MISSING, Pod.FOREIGN}
    assert Act.RELEASE not in world.done or Hold.NOBODY in holds


@given(SIGHTS)
def test_what_is_not_the_drills_is_never_deleted(seen: Sight) -> None:
    what, numbers = next_step(seen)
    parts = [seen.parts[n] for n in numbers]
    assert what is not Act.DELETE_POD or seen.pod in {Pod.ACTIVE, Pod.SUCCEEDED, Pod.FAILED}
    for part in parts:
        assert what is not Act.DELETE_CLAIM or part.claim in {Claim.PENDING, Claim.BOUND}
        assert what is not Act.RELEASE or part.hold is Hold.RUN
        assert what is not Act.FREE_VOLUME or part.volume is Volume.STAYS


@given(SIGHTS)
def test_what_is_done_to_parts_names_them(seen: Sight) -> None:
    what, numbers = next_step(seen)
    assert bool(numbers) is (what in ON_PARTS or what in OF_PARTS)


@given(SIGHTS)
def test_a_proof_needs_every_claim_bound_to_a_new_volume_and_a_check_that_ended_well(seen: Sight) -> None:
    if next_step(seen).what is Act.PROVE:
        assert seen.phase is Phase.CHECKING
        assert {part.claim for part in seen.parts} == {Claim.BOUND}
        assert Volume.OLDER not in {part.volume for part in seen.parts}
        assert seen.pod is Pod.SUCCEEDED or seen.checks is Checks.BINDING


@given(SIGHTS)
def test_nothing_is_made_and_nothing_proven_once_there_is_a_result(seen: Sight) -> None:
    making = {Act.HOLD, Act.CREATE_CLAIM, Act.CREATE_POD, Act.NOTE_BOUND, Act.PROVE}
    assert seen.phase is not Phase.CLEANING or next_step(seen).what not in making


@given(SIGHTS)
def test_a_run_waits_for_its_time_at_most(seen: Sight) -> None:
    staying = any(part.volume is Volume.STAYS for part in seen.parts)
    if seen.late and seen.phase is not Phase.CLEANING and not staying:
        assert next_step(seen).what is not Act.WAIT


def restoring(pod: Pod = Pod.MISSING, *, late: bool = False, **changes: Any) -> Sight:  # noqa: ANN401
    """Of a set, of which the first claim is as it should be."""
    return replace(START, parts=(NEW, replace(NEW, **changes)), pod=pod, late=late)


def checking(pod: Pod = Pod.ACTIVE, *, late: bool = False, **changes: Any) -> Sight:  # noqa: ANN401
    bound = replace(NEW, claim=Claim.BOUND, volume=Volume.GOES_ALONG)
    parts = (bound, replace(bound, **changes))
    return replace(START, phase=Phase.CHECKING, parts=parts, pod=pod, late=late)


@pytest.mark.parametrize(
    ("seen", "failure"),
    [
        (restoring(usable=False), Failure.SNAPSHOT),
        (restoring(claim=Claim.PENDING, usable=False), Failure.SNAPSHOT),
        (restoring(claim=Claim.FOREIGN), Failure.CLAIM_TAKEN),
        (restoring(Pod.FOREIGN, claim=Claim.PENDING), Failure.POD_TAKEN),
        (restoring(claim=Claim.PENDING, late=True), Failure.UNBOUND),
        (checking(claim=Claim.MISSING), Failure.CLAIM_GONE),
        (checking(claim=Claim.GOING), Failure.CLAIM_GONE),
        (checking(volume=Volume.OLDER), Failure.VOLUME),
        (checking(Pod.MISSING), Failure.POD_GONE),
        (checking(Pod.FAILED), Failure.CHECK),
        (checking(late=True), Failure.LATE),
    ],
)
def test_what_went_wrong_with_one_of_them_is_named(seen: Sight, failure: Failure) -> None:
    found = next_step(seen)
    assert found.what is failure
    if failure in OF_PARTS:
        assert found.parts[-1] == 1


def test_a_run_goes_on_when_all_claims_are_bound() -> None:
    bound = replace(NEW, hold=Hold.RUN, claim=Claim.BOUND, volume=Volume.GOES_ALONG)
    waiting = replace(START, parts=(bound, replace(bound, claim=Claim.PENDING)), pod=Pod.ACTIVE)
    assert next_step(waiting).what is Act.WAIT
    assert next_step(replace(waiting, parts=(bound, bound))).what is Act.NOTE_BOUND


def test_a_check_that_ended_well_in_the_last_moment_counts() -> None:
    assert next_step(checking(Pod.SUCCEEDED, late=True)).what is Act.PROVE


def test_a_snapshot_that_goes_after_its_data_was_restored_is_not_missed() -> None:
    assert next_step(checking(usable=False)).what is Act.WAIT
