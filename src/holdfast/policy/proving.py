"""What a run of a drill does next, from what it sees of its snapshot, its scratch claim and its pod.

A run is looked at anew each time and remembers nothing but its phase. Whatever goes wrong is a result, and after
every result everything that the run made goes away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


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

    HOLD = "protect the snapshot from retention"
    CREATE_CLAIM = "make the scratch claim"
    CREATE_POD = "make the pod"
    NOTE_BOUND = "write down that the claim is bound"
    FREE_VOLUME = "have the volume go with its claim"
    PROVE = "write down the proof"
    DELETE_POD = "delete the pod"
    DELETE_CLAIM = "delete the scratch claim"
    RELEASE = "take the own hold off the snapshot"
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


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of a run.

    Attributes:
        phase: where it is.
        checks: what it is to do with the data.
        late: its time is over.
        usable: the snapshot is the one that was chosen, ready, and not being deleted.
    """

    phase: Phase
    checks: Checks
    late: bool
    usable: bool
    hold: Hold
    claim: Claim
    volume: Volume
    pod: Pod

    @property
    def wants_pod(self) -> bool:
        return self.checks is not Checks.BINDING


def next_step(seen: Sight) -> Act | Failure:
    """What to do, or why the run has failed."""
    if seen.phase is Phase.CLEANING:
        return _clean(seen)
    return _obstacle(seen) or (_restore(seen) if seen.phase is Phase.RESTORING else _check(seen))


def _obstacle(seen: Sight) -> Failure | None:  # noqa: PLR0911  (one line a reason)
    checking = seen.phase is Phase.CHECKING
    if seen.claim is Claim.FOREIGN:
        return Failure.CLAIM_TAKEN
    if seen.claim is Claim.GOING or (checking and seen.claim is not Claim.BOUND):
        return Failure.CLAIM_GONE
    if seen.volume is Volume.OLDER:
        return Failure.VOLUME
    if not (seen.usable or seen.claim is Claim.BOUND):
        return Failure.SNAPSHOT
    if seen.wants_pod and seen.pod is Pod.FOREIGN:
        return Failure.POD_TAKEN
    if seen.wants_pod and (seen.pod is Pod.GOING or (checking and seen.pod is Pod.MISSING)):
        return Failure.POD_GONE
    return None


def _restore(seen: Sight) -> Act | Failure:
    if seen.late and seen.claim is not Claim.BOUND:
        return Failure.UNBOUND
    if seen.hold is Hold.NOBODY and seen.usable:
        return Act.HOLD
    if seen.claim is Claim.MISSING:
        return Act.CREATE_CLAIM
    if seen.wants_pod and seen.pod is Pod.MISSING:
        return Act.CREATE_POD
    return Act.NOTE_BOUND if seen.claim is Claim.BOUND else Act.WAIT


def _check(seen: Sight) -> Act | Failure:
    if seen.volume is Volume.STAYS:
        return Act.FREE_VOLUME
    if seen.pod is Pod.SUCCEEDED or not seen.wants_pod:
        return Act.PROVE
    if seen.pod is Pod.FAILED:
        return Failure.CHECK
    return Failure.LATE if seen.late else Act.WAIT


def _clean(seen: Sight) -> Act:
    if seen.pod in {Pod.ACTIVE, Pod.SUCCEEDED, Pod.FAILED}:
        return Act.DELETE_POD
    if seen.volume is Volume.STAYS:
        return Act.FREE_VOLUME
    if seen.claim in {Claim.PENDING, Claim.BOUND}:
        return Act.DELETE_CLAIM
    if seen.hold is Hold.RUN:
        return Act.RELEASE
    return Act.WAIT if seen.claim is Claim.GOING or seen.pod is Pod.GOING else Act.FINISH
