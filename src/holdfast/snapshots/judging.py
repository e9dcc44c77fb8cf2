"""What is said about a group: whether it may take a snapshot now, and whether its user is safe. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.keys import HOLD
from holdfast.api.meta import Condition, set_condition
from holdfast.policy.texts import instant
from holdfast.snapshots.cutting import CONDITION, way
from holdfast.snapshots.members import conflict, described
from holdfast.snapshots.reading import stamp_problem
from holdfast.snapshots.taking import LONGEST_GROUP, LONGEST_OF_SET
from holdfast.snapshots.verdicts import Verdict, claims_obstacle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from holdfast.api.storage import SnapshotClass
    from holdfast.policy.decisions import Decision
    from holdfast.snapshots.facts import Facts
    from holdfast.snapshots.views import ClaimGlance

DEFAULT_CLASS = "snapshot.storage.kubernetes.io/is-default-class"


def obstacle(facts: Facts) -> Verdict | None:
    """Why no snapshot can be taken now, whatever is due."""
    if facts.rival:
        return Verdict(
            "GeminiLive", f"Gemini is alive ({facts.rival}): scale it to 0, then Holdfast takes over"
        )
    if frozen := facts.frozen_by:
        return Verdict(
            "Restoring", f"restore {frozen.metadata.name} of claim {frozen.spec.claim_name} is at work"
        )
    longest = LONGEST_OF_SET if facts.is_set else LONGEST_GROUP
    if len(facts.group.metadata.name) > longest:
        return Verdict("NameTooLong", f"a group's name has {longest} characters at most; recreate it shorter")
    return claims_obstacle(facts) or _class_obstacles(facts)


def _class_obstacles(facts: Facts) -> Verdict | None:
    return next(filter(None, (_class_obstacle(facts, claim) for claim in facts.claims)), None)


def _class_obstacle(facts: Facts, claim: ClaimGlance) -> Verdict | None:
    driver = claim.driver
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
            f"VolumeSnapshotClass {wanted} is of driver {found.driver}, claim {claim.metadata.name} of {driver}",
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


_ALWAYS_SAID = frozenset({"Accepted", "Covered", CONDITION})


def conditions(facts: Facts, decision: Decision, stop: Verdict | None, now: datetime) -> list[Condition]:
    """Everything that is said about the group; what no longer holds is said with status False."""
    said = facts.group.status.conditions
    for condition in (*_always(facts, decision, stop), *_if_ever(facts), *_of_sets(facts, decision, now)):
        seen = next((c for c in said if c.type == condition.type), None)
        if seen or condition.status == "True" or condition.type in _ALWAYS_SAID:
            said = set_condition(said, condition, now)
    return said


def _always(facts: Facts, decision: Decision, stop: Verdict | None) -> Iterator[Condition]:
    safe, why = covered(facts, decision, stop)
    yield _condition(facts, "Covered", safe, why)
    notes = [str(p) for p in facts.schedule.problems] + [n for n in map(stamp_problem, facts.snapshots) if n]
    text = "; ".join([*filter(None, [conflict(facts.group)]), *notes])
    yield _condition(facts, "Accepted", not text, Verdict("Unreadable" if text else "Valid", text))


def _if_ever(facts: Facts) -> Iterator[Condition]:
    yield _condition(
        facts, "GeminiLive", bool(facts.rival), Verdict("Seen" if facts.rival else "Silent", facts.rival)
    )
    frozen = facts.frozen_by.metadata.name if facts.frozen_by else ""
    yield _condition(facts, "Restoring", bool(frozen), Verdict("AtWork" if frozen else "Idle", frozen))
    others = ", ".join(facts.sharers)
    text = f"{_shared(facts)} also in {others}; a restore stops all of them meanwhile"
    shared = Verdict("AlsoIn" if others else "Alone", text if others else "")
    yield _condition(facts, "SharedClaim", bool(others), shared)
    yield _claims_gone(facts)
    yield _contents(facts)


def _of_sets(facts: Facts, decision: Decision, now: datetime) -> Iterator[Condition]:
    if facts.is_set and facts.takeable:
        next_set = way(facts, decision.failed, now)
        yield _condition(facts, CONDITION, next_set.at_once, next_set.said)


def _shared(facts: Facts) -> str:
    return f"{described(facts.group)} are" if facts.is_set else f"claim {facts.group.claim_name} is"


def _claims_gone(facts: Facts) -> Condition:
    """A claim that left takes its past with it when the last set that has it goes; in a restore it comes back."""
    if not facts.gone or facts.frozen_by:
        return _condition(facts, "ClaimsGone", holds=False, why=Verdict("AllThere", ""))
    text = (
        f"there is no claim {' and no claim '.join(facts.gone)} any more; sets that have a snapshot of it go by the"
        " schedule like the others: `holdfast group restore --claim CLAIM --to-pvc CLAIM` makes it again, label"
        f" {HOLD} keeps a set"
    )
    return _condition(facts, "ClaimsGone", holds=True, why=Verdict("Gone", text))


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
    drivers = {claim.driver for claim in facts.claims}
    return snapshot_class.metadata.name == wanted or (
        not wanted and is_default(snapshot_class) and snapshot_class.driver in (drivers or {""})
    )


def _condition(facts: Facts, name: str, holds: bool, why: Verdict) -> Condition:
    return Condition(
        type=name,
        status="True" if holds else "False",
        reason=why.reason,
        message=why.message,
        observed_generation=facts.group.metadata.generation,
    )
