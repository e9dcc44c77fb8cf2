"""What is known of one group at one moment, gathered from the caches. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.control.keys import Key
from holdfast.policy.exchange import EXCLUSIVE
from holdfast.snapshots.reading import Schedule, read_schedule, read_shot

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import Snapshot, SnapshotClass
    from holdfast.control.informing import Informer
    from holdfast.policy.shots import Shot
    from holdfast.snapshots.rivals import Rivals
    from holdfast.snapshots.views import ClaimGlance, RestoreGlance


@dataclass(frozen=True, slots=True)
class Caches:
    """The informers that a group's facts come from."""

    groups: Informer[SnapshotGroup]
    snapshots: Informer[Snapshot]
    claims: Informer[ClaimGlance]
    restores: Informer[RestoreGlance]
    classes: Informer[SnapshotClass]


@dataclass(frozen=True, slots=True)
class Facts:
    group: SnapshotGroup
    schedule: Schedule
    snapshots: tuple[Snapshot, ...]
    claim: ClaimGlance | None
    restores: tuple[RestoreGlance, ...]
    """All restores of its claim."""
    classes: tuple[SnapshotClass, ...]
    sharers: tuple[str, ...]
    """Other groups on the same claim."""
    rival: str
    """A sign of a live Gemini; empty for none."""
    leaving: frozenset[str] = frozenset()
    """UIDs of snapshots whose deletion the caches do not show yet."""

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(read_shot(s, leaving=s.metadata.uid in self.leaving) for s in self.snapshots)

    @property
    def frozen_by(self) -> str:
        """The restore of the claim that is at work; empty for none."""
        return next((r.metadata.name for r in self.restores if r.status.phase in EXCLUSIVE), "")

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
    claim = by_claim(meta.namespace, group.claim_name)
    sharers = (g.metadata.name for g in caches.groups.cache.by("claim", claim))
    return Facts(
        group=group,
        schedule=read_schedule(group),
        snapshots=tuple(caches.snapshots.cache.by("group", by_group(meta.namespace, meta.name))),
        claim=caches.claims.cache.get(Key(meta.namespace, group.claim_name)),
        restores=tuple(caches.restores.cache.by("claim", claim)),
        classes=tuple(caches.classes.cache.all()),
        sharers=tuple(sorted(name for name in sharers if name != meta.name)),
        rival=rivals.live(),
        leaving=leaving,
    )
