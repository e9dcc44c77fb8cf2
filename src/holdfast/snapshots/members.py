"""Which claims a group is for, by its name, labels or StatefulSet. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from holdfast.api import keys
from holdfast.policy import selectors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import Claim
    from holdfast.snapshots.views import ClaimGlance, StatefulSetGlance

C = TypeVar("C", "Claim", "ClaimGlance")


def selects(group: SnapshotGroup, claim: C, stateful_set: StatefulSetGlance | None) -> bool:
    """Whether the group is for this claim of its namespace; `stateful_set` is the one that it names.

    The scratch claims of drills come and go: a selector that admits everything leaves them out, too.
    """
    wanted, labels = group.spec.persistent_volume_claim, claim.metadata.labels
    if wanted.selector is not None:
        return keys.DRILL not in labels and selectors.read(wanted.selector).admits(labels)
    if wanted.stateful_set:
        return stateful_set is not None and in_use(claim.metadata.name, stateful_set)
    return claim.metadata.name == group.claim_name


def in_use(claim: str, stateful_set: StatefulSetGlance) -> bool:
    """Whether a claim of this name is of one of the replicas; without replicas, of any that there ever was.

    Scaled to 0, as in a restore, a StatefulSet keeps its claims; scaled down otherwise, the rest is left over.
    """
    spec = stateful_set.spec
    ordinal = _ordinal(claim, stateful_set)
    if ordinal is None or spec.replicas == 0:
        return ordinal is not None
    return 0 <= ordinal - spec.ordinals.start < spec.replicas


def _ordinal(claim: str, stateful_set: StatefulSetGlance) -> int | None:
    for template in stateful_set.spec.volume_claim_templates:
        prefix = f"{template.metadata.name}-{stateful_set.metadata.name}-"
        rest = claim.removeprefix(prefix)
        if claim.startswith(prefix) and rest.isascii() and rest.isdigit():
            return int(rest)
    return None


def members(
    group: SnapshotGroup, claims: Iterable[C], stateful_set: StatefulSetGlance | None
) -> tuple[C, ...]:
    """Those of the claims of its namespace that the group is for, by name."""
    found = (claim for claim in claims if selects(group, claim, stateful_set))
    return tuple(sorted(found, key=lambda claim: claim.metadata.name))


def conflict(group: SnapshotGroup) -> str:
    """What is wrong when a group names its claims in more than one way; empty if it does not."""
    wanted = group.spec.persistent_volume_claim
    ways = {
        "claimName": bool(wanted.claim_name),
        "spec": bool(wanted.spec),
        "selector": wanted.selector is not None,
        "statefulSet": bool(wanted.stateful_set),
    }
    given = [name for name, there in ways.items() if there]
    if not wanted.is_set or len(given) == 1:
        return ""
    return f"spec.persistentVolumeClaim has {' and '.join(given)}: leave one way of naming claims"


def described(group: SnapshotGroup) -> str:
    """What a group is for, in words: `claim data`, `claims of StatefulSet web`."""
    wanted = group.spec.persistent_volume_claim
    if wanted.stateful_set:
        return f"claims of StatefulSet {wanted.stateful_set}"
    return "claims of the selector" if wanted.is_set else f"claim {group.claim_name}"
