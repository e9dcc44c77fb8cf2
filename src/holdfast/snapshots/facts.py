"""What is known of one group at one moment, gathered from the caches. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from holdfast.control.keys import Key
from holdfast.policy.exchange import EXCLUSIVE
from holdfast.snapshots.members import members, selects
from holdfast.snapshots.moments import Moment, meant_by, read_moments
from holdfast.snapshots.reading import Schedule, read_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import GroupSnapshot, Snapshot, SnapshotClass
    from holdfast.control.informing import Cache, Informer
    from holdfast.policy.shots import Shot
    from holdfast.snapshots.rivals import Rivals
    from holdfast.snapshots.views import ClaimGlance, RestoreGlance, StatefulSetGlance


@dataclass(frozen=True, slots=True)
class Caches:
    """The informers that a group's facts come from."""

    groups: Informer[SnapshotGroup]
    snapshots: Informer[Snapshot]
    claims: Informer[ClaimGlance]
    restores: Informer[RestoreGlance]
    classes: Informer[SnapshotClass]
    stateful_sets: Informer[StatefulSetGlance]
    wholes: Informer[GroupSnapshot]
    group_classes: Informer[SnapshotClass]


@dataclass(frozen=True)
class Facts:
    """One group at one moment."""

    group: SnapshotGroup
    schedule: Schedule
    snapshots: tuple[Snapshot, ...]
    claims: tuple[ClaimGlance, ...]
    """Those that it is for, as far as they exist."""
    restores: tuple[RestoreGlance, ...]
    """All restores of its claims."""
    classes: tuple[SnapshotClass, ...]
    sharers: tuple[str, ...]
    """Other groups on one of its claims."""
    rival: str
    """A sign of a live Gemini; empty for none."""
    leaving: frozenset[str] = frozenset()
    """UIDs of snapshots whose deletion the caches do not show yet."""
    stateful_set: StatefulSetGlance | None = None
    """The one that it names."""
    gone: tuple[str, ...] = ()
    """Claims that sets have a snapshot of and that do not exist any more."""
    wholes: tuple[GroupSnapshot, ...] = ()
    """Its group snapshots."""
    group_classes: tuple[SnapshotClass, ...] = ()
    others: tuple[ClaimGlance, ...] = ()
    """The other claims of the namespace of a set."""

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        return read_moments(self.snapshots, self.leaving, self.wholes)

    @cached_property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(moment.shot for moment in self.moments)

    @property
    def claim(self) -> ClaimGlance | None:
        """The claim of a group of one."""
        return self.claims[0] if self.claims and not self.is_set else None

    @property
    def last_meant(self) -> frozenset[str]:
        """The claims of the newest set, complete or not."""
        newest = max(
            (m for m in self.moments if m.meant), key=lambda m: (m.shot.stamp, m.shot.name), default=None
        )
        return newest.meant if newest else frozenset()

    def moment(self, shot: Shot) -> Moment:
        """The one that decisions see as this shot."""
        return next(m for m in self.moments if m.shot.uid == shot.uid)

    @property
    def is_set(self) -> bool:
        """Whether its snapshots are sets of several claims."""
        return self.group.spec.persistent_volume_claim.is_set

    @property
    def takeable(self) -> tuple[str, ...]:
        """The claims that have a volume, of which a set is taken."""
        return tuple(c.metadata.name for c in self.claims if c.status.phase == "Bound")

    @property
    def frozen_by(self) -> RestoreGlance | None:
        """The restore of one of its claims that is at work."""
        return next((r for r in self.restores if r.status.phase in EXCLUSIVE), None)

    @property
    def own_restores(self) -> tuple[RestoreGlance, ...]:
        return tuple(r for r in self.restores if r.spec.group == self.group.metadata.name)


def by_claim(namespace: str, claim: str) -> str:
    """Value of the indexes by claim."""
    return f"{namespace}/{claim}"


def by_group(namespace: str, group: str) -> str:
    """Value of the index of snapshots by group."""
    return f"{namespace}/{group}"


def gather(
    caches: Caches, rivals: Rivals, group: SnapshotGroup, leaving: frozenset[str] = frozenset()
) -> Facts:
    """Everything about one group, as of now."""
    meta = group.metadata
    stateful_set = _stateful_set(caches.stateful_sets.cache, group)
    wholes = tuple(caches.wholes.cache.by("group", by_group(meta.namespace, meta.name)))
    snapshots = _snapshots(caches.snapshots.cache, group, wholes)
    claims = _claims(caches, group, stateful_set)
    noted = meant_by((*snapshots, *wholes))
    names = {group.claim_name, *noted, *(c.metadata.name for c in claims)} - {""}
    return Facts(
        group=group,
        schedule=read_schedule(group),
        snapshots=snapshots,
        claims=claims,
        restores=tuple(r for n in sorted(names) for r in _restores(caches, meta.namespace, n)),
        classes=tuple(caches.classes.cache.all()),
        sharers=_sharers(caches, group, names),
        rival=rivals.live(),
        leaving=leaving,
        stateful_set=stateful_set,
        gone=tuple(sorted(n for n in noted if caches.claims.cache.get(Key(meta.namespace, n)) is None)),
        wholes=wholes,
        group_classes=tuple(caches.group_classes.cache.all()),
        others=_others(caches, group, claims),
    )


def _snapshots(
    found: Cache[Snapshot], group: SnapshotGroup, wholes: Iterable[GroupSnapshot]
) -> tuple[Snapshot, ...]:
    """Those that bear the group's name, and members of its group snapshots that do not bear it yet."""
    meta = group.metadata
    marked = found.by("group", by_group(meta.namespace, meta.name))
    members = [s for whole in wholes for s in found.by("whole", whole.metadata.uid)]
    return tuple({s.metadata.uid: s for s in (*marked, *members)}.values())


def _stateful_set(found: Cache[StatefulSetGlance], group: SnapshotGroup) -> StatefulSetGlance | None:
    name = group.spec.persistent_volume_claim.stateful_set
    return found.get(Key(group.metadata.namespace, name)) if name else None


def _claims(
    caches: Caches, group: SnapshotGroup, stateful_set: StatefulSetGlance | None
) -> tuple[ClaimGlance, ...]:
    namespace, cache = group.metadata.namespace, caches.claims.cache
    if group.spec.persistent_volume_claim.is_set:
        return members(group, cache.by("namespace", namespace), stateful_set)
    claim = cache.get(Key(namespace, group.claim_name))
    return (claim,) if claim else ()


def _others(caches: Caches, group: SnapshotGroup, claims: tuple[ClaimGlance, ...]) -> tuple[ClaimGlance, ...]:
    if not group.spec.persistent_volume_claim.is_set:
        return ()
    own = {claim.metadata.name for claim in claims}
    there = caches.claims.cache.by("namespace", group.metadata.namespace)
    return tuple(claim for claim in there if claim.metadata.name not in own)


def _restores(caches: Caches, namespace: str, claim: str) -> list[RestoreGlance]:
    return caches.restores.cache.by("claim", by_claim(namespace, claim))


def _sharers(caches: Caches, group: SnapshotGroup, claims: set[str]) -> tuple[str, ...]:
    meta = group.metadata
    sharing = {
        g.metadata.name
        for claim in claims
        for g in groups_on(caches.groups, caches.claims, caches.stateful_sets, Key(meta.namespace, claim))
    }
    return tuple(sorted(sharing - {meta.name}))


def groups_on(
    groups: Informer[SnapshotGroup],
    claims: Informer[ClaimGlance],
    stateful_sets: Informer[StatefulSetGlance],
    key: Key,
) -> list[SnapshotGroup]:
    """The groups that are for a claim, by its name or as one of several."""
    named = groups.cache.by("claim", by_claim(key.namespace, key.name))
    claim = claims.cache.get(key)
    if claim is None:
        return named
    several = groups.cache.by("sets", key.namespace)
    return named + [g for g in several if selects(g, claim, _stateful_set(stateful_sets.cache, g))]
