"""A group's snapshots as the moments that they are of: one snapshot of one claim, or a set of several. Pure.

What a snapshot belongs to stands on it, not in the group: sets stay what they were when the group is edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.policy import sets
from holdfast.snapshots.reading import read_shot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import timedelta

    from holdfast.api.storage import Snapshot
    from holdfast.policy.shots import Shot


@dataclass(frozen=True, slots=True)
class Moment:
    """What is kept, let go and restored together: how decisions see it, and its snapshots."""

    shot: Shot
    snapshots: tuple[Snapshot, ...]

    @property
    def claims(self) -> dict[str, Snapshot]:
        """The snapshot of each claim, by the claim's name."""
        return {s.claim_name: s for s in self.snapshots}

    @property
    def meant(self) -> frozenset[str]:
        """All claims it was asked for."""
        return meant_by(self.snapshots)

    @property
    def spread(self) -> timedelta:
        return sets.spread([read_shot(s) for s in self.snapshots])


def meant_by(snapshots: Iterable[Snapshot]) -> frozenset[str]:
    """The claims that the snapshots' set was meant to have, by each of their words."""
    return frozenset(claim for s in snapshots for claim in s.set_claims)


def read_moments(snapshots: Iterable[Snapshot], leaving: Collection[str] = ()) -> tuple[Moment, ...]:
    """All moments; `leaving` has UIDs of snapshots that are being deleted though they do not show it yet."""
    whole: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        name = snapshot.set_name or snapshot.metadata.uid
        whole.setdefault(name, []).append(snapshot)
    return tuple(_moment(name, found, leaving) for name, found in whole.items())


def _moment(name: str, found: list[Snapshot], leaving: Collection[str]) -> Moment:
    shots = [read_shot(s, leaving=s.metadata.uid in leaving) for s in found]
    if not found[0].set_name:
        return Moment(shots[0], tuple(found))
    parts = [sets.Part(s.claim_name, shot) for s, shot in zip(found, shots, strict=True)]
    return Moment(sets.as_one(name, meant_by(found), parts), tuple(found))
