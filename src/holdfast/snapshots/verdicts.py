"""Whether all claims that a group is for can be snapshotted now. Pure.

A claim that a set had, and that is still meant, must be there: sets without it would drive those that have it out.
One that never had a volume holds nothing yet, and the others do not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from holdfast.snapshots.members import conflict, described, in_use

if TYPE_CHECKING:
    from holdfast.snapshots.facts import Facts
    from holdfast.snapshots.views import ClaimGlance


class Verdict(NamedTuple):
    """A reason in one word, and in a sentence with the remedy."""

    reason: str
    message: str


def claims_obstacle(facts: Facts) -> Verdict | None:
    """Why its claims cannot be snapshotted."""
    if problem := conflict(facts.group):
        return Verdict("ClaimsUnclear", problem)
    if facts.is_set:
        return _set_obstacle(facts)
    return _claim_obstacle(facts.group.claim_name, facts.claim, "create it or correct claimName")


def _claim_obstacle(name: str, claim: ClaimGlance | None, remedy: str) -> Verdict | None:
    if claim is None:
        return Verdict("ClaimMissing", f"claim {name} does not exist; {remedy}")
    if claim.metadata.deletion_timestamp:
        return Verdict("ClaimTerminating", f"claim {name} is being deleted; no snapshot of it can be taken")
    if claim.status.phase != "Bound":
        return Verdict(
            "ClaimNotBound", f"claim {name} is {claim.status.phase or 'new'}; it has no volume yet"
        )
    return None


def _set_obstacle(facts: Facts) -> Verdict | None:
    name = facts.group.spec.persistent_volume_claim.stateful_set
    if name and facts.stateful_set is None:
        return Verdict("StatefulSetMissing", f"StatefulSet {name} does not exist; correct statefulSet")
    there = {claim.metadata.name: claim for claim in facts.claims}
    for wanted in sorted(there.keys() | _still_meant(facts)):
        remedy = (
            f"make it again by `holdfast group restore --claim {wanted} --to-pvc {wanted}`, or scale down"
        )
        stop = _claim_obstacle(wanted, there.get(wanted), remedy)
        if stop and not (wanted in there and is_new(there[wanted], facts)):
            return stop
    if facts.takeable:
        return None
    return Verdict(
        "NoClaims", f"there are no {described(facts.group)} with a volume yet; create or label them"
    )


def is_new(claim: ClaimGlance, facts: Facts) -> bool:
    """Whether it waits for its first volume and was never in a set."""
    return claim.status.phase in {"", "Pending"} and claim.metadata.name not in facts.last_meant


def _still_meant(facts: Facts) -> set[str]:
    """Claims of the newest set that the StatefulSet needs; labels of one that is gone nobody knows."""
    needed = facts.stateful_set
    return {name for name in facts.last_meant if needed and in_use(name, needed)}
