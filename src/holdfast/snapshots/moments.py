"""A group's snapshots as the moments that they are of: one snapshot of one claim, or a set of several. Pure.

What a snapshot belongs to stands on it, not in the group: sets stay what they were when the group is edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api import keys
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
        return {claim_of(s): s for s in self.snapshots}

    @property
    def meant(self) -> frozenset[str]:
        """All claims it was asked for."""
        return meant_by(self.snapshots)

    @property
    def spread(self) -> timedelta:
        return sets.spread([read_shot(s) for s in self.snapshots])


def claim_of(snapshot: Snapshot) -> str:
    return snapshot.spec.source.persistent_volume_claim_name


def is_part(snapshot: Snapshot) -> bool:
    """Whether it is one of several of a set."""
    return keys.SET in snapshot.metadata.annotations


def meant_by(snapshots: Iterable[Snapshot]) -> frozenset[str]:
    """The claims that the snapshots' set was meant to have, by each of their words."""
    noted = (s.metadata.annotations[keys.SET].split(",") for s in snapshots if is_part(s))
    return frozenset(name for names in noted for name in names if name)


def read_moments(snapshots: Iterable[Snapshot], leaving: Collection[str] = ()) -> tuple[Moment, ...]:
    """All moments; `leaving` has UIDs of snapshots that are being deleted though they do not show it yet."""
    whole: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        name = set_of(snapshot) if is_part(snapshot) else snapshot.metadata.uid
        whole.setdefault(name, []).append(snapshot)
    return tuple(_moment(name, found, leaving) for name, found in whole.items())


def set_of(snapshot: Snapshot) -> str:
    """The name of its set: as a snapshot of one claim at that time would be named."""
    notes = snapshot.metadata.annotations
    if keys.MANUAL in notes:
        return f"{snapshot.group}-manual-{notes[keys.MANUAL]}"
    return f"{snapshot.group}-{notes.get(keys.GEMINI_TIMESTAMP, '')}"


def _moment(name: str, found: list[Snapshot], leaving: Collection[str]) -> Moment:
    shots = [read_shot(s, leaving=s.metadata.uid in leaving) for s in found]
    if not is_part(found[0]):
        return Moment(shots[0], tuple(found))
    parts = [sets.Part(claim_of(s), shot) for s, shot in zip(found, shots, strict=True)]
    return Moment(sets.as_one(name, meant_by(found), parts), tuple(found))
