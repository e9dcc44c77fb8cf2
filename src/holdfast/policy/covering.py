"""Which schedule covers a claim: a group of its user, its own annotation, or a cluster-wide policy. Pure.

The nearest to the claim wins: whoever opted it out, then a SnapshotGroup that its user wrote, then the annotation of
its volume, then its own, then the first policy by name that matches it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from holdfast.api.keys import OPT_OUT
from holdfast.policy.deltas import read_deltas
from holdfast.policy.errors import IntervalError
from holdfast.policy.selecting import Labels, Patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from holdfast.policy.schedules import TierEntry


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim as far as a choice needs it."""

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    storage_class: str = ""
    deltas: str = ""
    """The annotation of k8s-snapshots, of its volume or its own; empty for none."""
    volume: str = ""
    """The volume that bears the annotation; empty where the claim does."""
    former: bool = False
    """Whether its group has the schedule of a volume that it had before, as after a restore."""
    own_groups: tuple[str, ...] = ()
    """SnapshotGroups on this claim that somebody else than Holdfast made."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which claims one policy is for; what is empty admits every claim."""

    name: str
    namespaces: Patterns = field(default_factory=Patterns)
    namespace_labels: Labels = field(default_factory=Labels)
    names: Patterns = field(default_factory=Patterns)
    labels: Labels = field(default_factory=Labels)
    storage_classes: tuple[str, ...] = ()

    def admits(self, claim: Candidate) -> bool:
        return (
            self.namespaces.admits(claim.namespace)
            and self.namespace_labels.admits(claim.namespace_labels)
            and self.names.admits(claim.name)
            and self.labels.admits(claim.labels)
            and (not self.storage_classes or claim.storage_class in self.storage_classes)
        )


@dataclass(frozen=True, slots=True)
class Covering:
    """What covers a claim, or why nothing does.

    Attributes:
        policy: the policy whose schedule holds.
        tiers: of the annotation, if that is what covers it.
        volume: the volume that bears the annotation; empty where the claim does.
        stays: its group keeps the schedule that it has.
        reason: why neither covers it.
        problem: what is wrong with the annotation; a policy holds in its place then.
    """

    policy: str = ""
    tiers: tuple[TierEntry, ...] = ()
    volume: str = ""
    stays: bool = False
    reason: str = ""
    problem: str = ""

    def __bool__(self) -> bool:
        return bool(self.policy or self.tiers or self.stays)


def cover(claim: Candidate, rules: Iterable[Rule]) -> Covering:
    """What covers the claim."""
    if where := _opted_out(claim):
        return Covering(reason=f"opted out by label {OPT_OUT} of the {where}")
    if claim.own_groups:
        names = ", ".join(sorted(claim.own_groups))
        return Covering(reason=f"has a SnapshotGroup of its own: {names}")
    if not claim.deltas:
        return Covering(stays=True) if claim.former else _by_policy(claim, rules)
    try:
        return Covering(tiers=read_deltas(claim.deltas), volume=claim.volume)
    except IntervalError as error:
        where = f"volume {claim.volume}: " if claim.volume else ""
        return replace(_by_policy(claim, rules), problem=f"{where}{error}")


def _opted_out(claim: Candidate) -> str:
    if claim.labels.get(OPT_OUT) == "true":
        return "claim"
    return "namespace" if claim.namespace_labels.get(OPT_OUT) == "true" else ""


def _by_policy(claim: Candidate, rules: Iterable[Rule]) -> Covering:
    first = min((rule.name for rule in rules if rule.admits(claim)), default="")
    return Covering(policy=first, reason="" if first else "no ClusterSnapshotPolicy matches it")
