"""Policies, claims and namespaces as the values that a choice is made of. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.policy import selectors
from holdfast.policy.covering import Candidate, Rule
from holdfast.policy.schedules import Problem, TierEntry, read_tiers
from holdfast.policy.selecting import Patterns
from holdfast.snapshots.covering import making

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.policies import ClusterSnapshotPolicy, Names
    from holdfast.snapshots.views import ClaimGlance, NamespaceGlance, VolumeGlance


def read_rule(policy: ClusterSnapshotPolicy) -> Rule:
    claims = policy.spec.claims
    return Rule(
        name=policy.metadata.name,
        namespaces=_patterns(claims.namespaces),
        namespace_labels=selectors.read(claims.namespace_selector),
        names=_patterns(claims.names),
        labels=selectors.read(claims.selector),
        storage_classes=tuple(claims.storage_classes),
    )


def can_cover(policy: ClusterSnapshotPolicy) -> bool:
    """Whether it is there to stay and has a tier that can be followed."""
    tiers, _ = _tiers(policy)
    return bool(tiers) and policy.metadata.deletion_timestamp is None


def problems(policy: ClusterSnapshotPolicy) -> tuple[str, ...]:
    """What is wrong with its schedule."""
    _, found = _tiers(policy)
    nothing = ("schedule has no tier: add one, such as every: 1 day, keep: 7",) * (not policy.spec.schedule)
    return (*nothing, *map(str, found))


def read_claim(
    claim: ClaimGlance,
    volume: VolumeGlance | None,
    namespace: NamespaceGlance | None,
    groups: Sequence[SnapshotGroup],
) -> Candidate:
    """A claim with everything that decides which schedule is its own."""
    meta, by_volume = claim.metadata, volume.metadata.annotations.deltas if volume else ""
    former = (making.volume_of(g) for g in groups if is_made(g))
    return Candidate(
        namespace=meta.namespace,
        name=meta.name,
        labels=meta.labels,
        namespace_labels=namespace.metadata.labels if namespace else {},
        storage_class=claim.spec.storage_class_name or "",
        deltas=by_volume or meta.annotations.deltas,
        volume=volume.metadata.name if volume and by_volume else "",
        former=any(name not in {"", claim.spec.volume_name} for name in former),
        own_groups=tuple(g.metadata.name for g in groups if not is_made(g)),
    )


def is_made(group: SnapshotGroup) -> bool:
    """Whether Holdfast made the group and still keeps it."""
    return keys.SOURCE in group.metadata.annotations


def _tiers(policy: ClusterSnapshotPolicy) -> tuple[tuple[object, ...], tuple[Problem, ...]]:
    return read_tiers(TierEntry(t.every, t.cron, t.time_zone, t.keep) for t in policy.spec.schedule)


def _patterns(names: Names) -> Patterns:
    return Patterns(tuple(names.include), tuple(names.exclude))
