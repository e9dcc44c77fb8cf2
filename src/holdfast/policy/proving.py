"""What a run of a drill does next, from what it sees of its snapshots, its scratch claims and its pod.

A run is looked at anew each time and remembers nothing but its phase. Whatever goes wrong is a result, and after
every result everything that the run made goes away. A run of a set has a part for each claim: it goes on when all are
there, and fails when one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Phase(StrEnum):
    """Where a run is; a phase is written down before its acts."""

    RESTORING = "Restoring"
    CHECKING = "Checking"
    CLEANING = "Cleaning"


class Result(StrEnum):
    PROVEN = "Proven"
    FAILED = "Failed"


class Checks(StrEnum):
    """What is done with the restored data."""

    POD = "Pod"
    MANIFEST = "Manifest"
    BINDING = "Binding"


class Hold(Enum):
    """Who protects the snapshot from retention."""

    NOBODY = "nobody"
    RUN = "this drill"
    OTHER = "somebody else, who takes care of it"


class Claim(Enum):
    MISSING = "there is none"
    FOREIGN = "what bears the name is not this drill's"
    PENDING = "has no volume yet"
    BOUND = "has its volume"
    GOING = "is being deleted"


class Volume(Enum):
    """The volume that the claim is bound to."""

    NONE = "there is none to see"
    GOES_ALONG = "goes when the claim goes"
    STAYS = "would stay when the claim goes"
    OLDER = "is older than the claim, so it was not made from the snapshot"


class Pod(Enum):
    MISSING = "there is none"
    FOREIGN = "what bears the name is not this drill's"
    ACTIVE = "has not ended"
    SUCCEEDED = "ended well"
    FAILED = "ended badly"
    GOING = "is being deleted"


class Act(Enum):
    """The next thing to do."""

    HOLD = "protect the snapshots from retention"
    CREATE_CLAIM = "make the scratch claims"
    CREATE_POD = "make the pod"
    NOTE_BOUND = "write down that all claims are bound"
    FREE_VOLUME = "have the volumes go with their claims"
    PROVE = "write down the proof"
    DELETE_POD = "delete the pod"
    DELETE_CLAIM = "delete the scratch claims"
    RELEASE = "take the own holds off the snapshots"
    FINISH = "end the run"
    WAIT = "wait"


class Failure(Enum):
    """Why nothing was proven; the value is for people, with names to be filled in."""

    SNAPSHOT = "snapshot {snapshot} went away before its data was restored"
    CLAIM_TAKEN = "a claim {scratch} exists that is not this drill's; it was left alone"
    CLAIM_GONE = "somebody deleted scratch claim {scratch} or its volume"
    VOLUME = (
        "scratch claim {scratch} was bound to a volume that is older than it, not to one from the snapshot"
    )
    POD_TAKEN = "a pod {scratch} exists that is not this drill's; it was left alone"
    POD_GONE = "somebody deleted pod {scratch}"
    CHECK = "the check failed: {pod}"
    UNBOUND = "scratch claim {scratch} had no volume within {timeout}{pod}"
    LATE = "the check did not end within {timeout}{pod}"


class Step(NamedTuple):
    """What to do, or why the run has failed, and the numbers of the parts that it is about."""

    what: Act | Failure
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What is seen of one snapshot and of what is made of it; `usable`: it is ready, and the one that was chosen."""

    usable: bool
    hold: Hold
    claim: Claim
    volume: Volume

    @property
    def bound(self) -> bool:
        return self.claim is Claim.BOUND


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of a run.

    Attributes:
        phase: where it is.
        checks: what it is to do with the data.
        late: its time is over.
    """

    phase: Phase
    checks: Checks
    late: bool
    parts: tuple[Part, ...]
    pod: Pod

    @property
    def wants_pod(self) -> bool:
        return self.checks is not Checks.BINDING

    def which(self, holds: Callable[[Part], bool]) -> tuple[int, ...]:
        """The numbers of the parts of which this holds."""
        return tuple(number for number, part in enumerate(self.parts) if holds(part))


def next_step(seen: Sight) -> Step:
    """What to do, or why the run has failed."""
    if seen.phase is Phase.CLEANING:
        return _clean(seen)
    return _obstacle(seen) or (_restore(seen) if seen.phase is Phase.RESTORING else _check(seen))


def _obstacle(seen: Sight) -> Step | None:
    checking = seen.phase is Phase.CHECKING
    reasons: tuple[tuple[Failure, Callable[[Part], bool]], ...] = (
        (Failure.CLAIM_TAKEN, lambda part: part.claim is Claim.FOREIGN),
        (Failure.CLAIM_GONE, lambda part: part.claim is Claim.GOING or (checking and not part.bound)),
        (Failure.VOLUME, lambda part: part.volume is Volume.OLDER),
        (Failure.SNAPSHOT, lambda part: not (part.usable or part.bound)),
    )
    found = (Step(failure, seen.which(holds)) for failure, holds in reasons)
    return next((step for step in found if step.parts), None) or _pods_obstacle(seen, checking=checking)


def _pods_obstacle(seen: Sight, *, checking: bool) -> Step | None:
    if not seen.wants_pod:
        return None
    if seen.pod is Pod.FOREIGN:
        return Step(Failure.POD_TAKEN)
    gone = seen.pod is Pod.GOING or (checking and seen.pod is Pod.MISSING)
    return Step(Failure.POD_GONE) if gone else None


def _restore(seen: Sight) -> Step:
    unbound = seen.which(lambda part: not part.bound)
    if seen.late and unbound:
        return Step(Failure.UNBOUND, unbound)
    if free := seen.which(lambda part: part.usable and part.hold is Hold.NOBODY):
        return Step(Act.HOLD, free)
    if missing := seen.which(lambda part: part.claim is Claim.MISSING):
        return Step(Act.CREATE_CLAIM, missing)
    if seen.wants_pod and seen.pod is Pod.MISSING:
        return Step(Act.CREATE_POD)
    return Step(Act.WAIT if unbound else Act.NOTE_BOUND)


def _check(seen: Sight) -> Step:
    if staying := seen.which(lambda part: part.volume is Volume.STAYS):
        return Step(Act.FREE_VOLUME, staying)
    if seen.pod is Pod.SUCCEEDED or not seen.wants_pod:
        return Step(Act.PROVE)
    if seen.pod is Pod.FAILED:
        return Step(Failure.CHECK)
    return Step(Failure.LATE if seen.late else Act.WAIT)


def _clean(seen: Sight) -> Step:
    if seen.pod in {Pod.ACTIVE, Pod.SUCCEEDED, Pod.FAILED}:
        return Step(Act.DELETE_POD)
    if staying := seen.which(lambda part: part.volume is Volume.STAYS):
        return Step(Act.FREE_VOLUME, staying)
    if there := seen.which(lambda part: part.claim in {Claim.PENDING, Claim.BOUND}):
        return Step(Act.DELETE_CLAIM, there)
    if held := seen.which(lambda part: part.hold is Hold.RUN):
        return Step(Act.RELEASE, held)
    going = seen.pod is Pod.GOING or seen.which(lambda part: part.claim is Claim.GOING)
    return Step(Act.WAIT if going else Act.FINISH)
