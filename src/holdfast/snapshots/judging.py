"""What is said about a group: whether it may take a snapshot now, and whether its user is safe. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from holdfast.api.meta import Condition, set_condition
from holdfast.policy.texts import instant
from holdfast.snapshots.reading import stamp_problem
from holdfast.snapshots.taking import LONGEST_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from holdfast.api.storage import SnapshotClass
    from holdfast.policy.decisions import Decision
    from holdfast.snapshots.facts import Facts

DEFAULT_CLASS = "snapshot.storage.kubernetes.io/is-default-class"


class Verdict(NamedTuple):
    """A reason in one word, and in a sentence with the remedy."""

    reason: str
    message: str


def obstacle(facts: Facts) -> Verdict | None:
    """Why no snapshot can be taken now, whatever is due."""
    if facts.rival:
        return Verdict(
            "GeminiLive", f"Gemini is alive ({facts.rival}): scale it to 0, then Holdfast takes over"
        )
    if facts.frozen_by:
        return Verdict("Restoring", f"restore {facts.frozen_by} of claim {facts.group.claim_name} is at work")
    if len(facts.group.metadata.name) > LONGEST_GROUP:
        return Verdict(
            "NameTooLong", f"a group's name has {LONGEST_GROUP} characters at most; recreate it shorter"
        )
    return _claim_obstacle(facts) or _class_obstacle(facts)


def _claim_obstacle(facts: Facts) -> Verdict | None:
    name, claim = facts.group.claim_name, facts.claim
    if claim is None:
        return Verdict("ClaimMissing", f"claim {name} does not exist; create it or correct claimName")
    if claim.metadata.deletion_timestamp:
        return Verdict("ClaimTerminating", f"claim {name} is being deleted; no snapshot of it can be taken")
    if claim.status.phase != "Bound":
        return Verdict(
            "ClaimNotBound", f"claim {name} is {claim.status.phase or 'new'}; it has no volume yet"
        )
    return None


def _class_obstacle(facts: Facts) -> Verdict | None:
    driver = facts.claim.driver if facts.claim else ""
    wanted = facts.group.spec.template.spec.volume_snapshot_class_name
    if not wanted:
        return _default_obstacle(facts, driver) if driver else None
    found = next((c for c in facts.classes if c.metadata.name == wanted), None)
    if found is None:
        return Verdict(
            "ClassMissing", f"VolumeSnapshotClass {wanted} does not exist; `kubectl get vsclass` lists them"
        )
    if driver and found.driver != driver:
        return Verdict(
            "ClassOfAnotherDriver",
            f"VolumeSnapshotClass {wanted} is of driver {found.driver}, claim {facts.group.claim_name} of {driver}",
        )
    return None


def _default_obstacle(facts: Facts, driver: str) -> Verdict | None:
    names = sorted(c.metadata.name for c in facts.classes if c.driver == driver and is_default(c))
    if len(names) == 1:
        return None
    found = (
        f"{len(names)} default classes ({', '.join(names)})" if names else "no default VolumeSnapshotClass"
    )
    return Verdict(
        "NoDefaultClass",
        f"driver {driver} has {found}; name one in template.spec.volumeSnapshotClassName, or annotate exactly one"
        f" class with {DEFAULT_CLASS}=true",
    )


def is_default(snapshot_class: SnapshotClass) -> bool:
    """Whether snapshots of its driver that name no class use this one."""
    return snapshot_class.metadata.annotations.get(DEFAULT_CLASS) == "true"


def covered(facts: Facts, decision: Decision, stop: Verdict | None) -> tuple[bool, Verdict]:
    """The answer to "am I safe?"."""
    newest = max((s.taken for s in facts.shots if s.ready and s.kind == "scheduled"), default=None)
    said = f"the newest ready snapshot is of {instant(newest)}" if newest else "there is no ready snapshot"
    if stop:
        return False, Verdict(stop.reason, f"{stop.message}; {said}")
    if facts.group.spec.suspend:
        return False, Verdict("Paused", f"suspended: set spec.suspend to false to go on; {said}")
    if not facts.schedule.tiers:
        return False, Verdict("NoSchedule", f"no tier of the schedule can be followed; {said}")
    if error := _error(facts, newest):
        return False, Verdict("Failing", f"the driver says: {error}; {said}")
    if any(state.overdue for state in decision.states):
        late = ", ".join(state.tier.text for state in decision.states if state.overdue)
        return False, Verdict(
            "Late", f"overdue: {late}{f' ({decision.waiting})' if decision.waiting else ''}; {said}"
        )
    return newest is not None, Verdict("Safe" if newest else "FirstSnapshotDue", said)


def _error(facts: Facts, newest: datetime | None) -> str:
    """What the driver says of a scheduled snapshot, unless a newer one has got ready since."""
    failing = (s for s in facts.shots if s.kind == "scheduled" and s.error and not s.ready)
    return next((s.error for s in failing if newest is None or s.taken > newest), "")


def conditions(facts: Facts, decision: Decision, stop: Verdict | None, now: datetime) -> list[Condition]:
    """Everything that is said about the group; what no longer holds is said with status False."""
    said = facts.group.status.conditions
    for condition in (*_always(facts, decision, stop), *_if_ever(facts)):
        seen = next((c for c in said if c.type == condition.type), None)
        if seen or condition.status == "True" or condition.type in {"Accepted", "Covered"}:
            said = set_condition(said, condition, now)
    return said


def _always(facts: Facts, decision: Decision, stop: Verdict | None) -> Iterator[Condition]:
    safe, why = covered(facts, decision, stop)
    yield _condition(facts, "Covered", safe, why)
    notes = [str(p) for p in facts.schedule.problems] + [n for n in map(stamp_problem, facts.snapshots) if n]
    text = "; ".join(notes)
    yield _condition(facts, "Accepted", not notes, Verdict("Unreadable" if notes else "Valid", text))


def _if_ever(facts: Facts) -> Iterator[Condition]:
    yield _condition(
        facts, "GeminiLive", bool(facts.rival), Verdict("Seen" if facts.rival else "Silent", facts.rival)
    )
    frozen = facts.frozen_by
    yield _condition(facts, "Restoring", bool(frozen), Verdict("AtWork" if frozen else "Idle", frozen))
    others = ", ".join(facts.sharers)
    text = f"claim {facts.group.claim_name} is also in {others}; a restore stops all of them meanwhile"
    shared = Verdict("AlsoIn" if others else "Alone", text if others else "")
    yield _condition(facts, "SharedClaim", bool(others), shared)
    yield _contents(facts)


def _contents(facts: Facts) -> Condition:
    """Retired snapshots of a class that says Retain leave their data on the storage system."""
    kept = [c.metadata.name for c in facts.classes if c.deletion_policy == "Retain" and _used(facts, c)]
    left = bool(kept) and facts.group.spec.retention.retained_contents != "Delete"
    message = (
        f"VolumeSnapshotClass {', '.join(kept)} says Retain: the contents of retired snapshots stay on the storage;"
        " set spec.retention.retainedContents to Delete to remove them too"
    )
    return _condition(
        facts, "ContentsRetained", left, Verdict("Retain" if left else "Removed", message if left else "")
    )


def _used(facts: Facts, snapshot_class: SnapshotClass) -> bool:
    wanted = facts.group.spec.template.spec.volume_snapshot_class_name
    driver = facts.claim.driver if facts.claim else ""
    return snapshot_class.metadata.name == wanted or (
        not wanted and is_default(snapshot_class) and snapshot_class.driver == driver
    )


def _condition(facts: Facts, name: str, holds: bool, why: Verdict) -> Condition:
    return Condition(
        type=name,
        status="True" if holds else "False",
        reason=why.reason,
        message=why.message,
        observed_generation=facts.group.metadata.generation,
    )
