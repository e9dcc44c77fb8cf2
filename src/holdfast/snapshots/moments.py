"""A group's snapshots as the moments that they are of: one snapshot of one claim, or a set of several. Pure.

What a snapshot belongs to stands on it, not in the group: sets stay what they were when the group is edited.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from holdfast.policy import sets
from holdfast.snapshots.reading import read_shot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import timedelta

    from holdfast.api.storage import GroupSnapshot, Marked, Snapshot
    from holdfast.policy.shots import Shot


@dataclass(frozen=True, slots=True)
class Moment:
    """What is kept, let go and restored together: how decisions see it, and its snapshots."""

    shot: Shot
    snapshots: tuple[Snapshot, ...]
    whole: GroupSnapshot | None = None
    """What they were cut by, if by one call: it is deleted in their place, and they go with it."""

    @property
    def claims(self) -> dict[str, Snapshot]:
        """The snapshot of each claim, by the claim's name."""
        return {s.claim_name: s for s in self.snapshots}

    @property
    def meant(self) -> frozenset[str]:
        """All claims it was asked for."""
        return meant_by([self.whole] if self.whole else self.snapshots)

    @property
    def objects(self) -> tuple[Marked, ...]:
        """What is to be deleted so that it goes."""
        return (self.whole,) if self.whole else self.snapshots

    @property
    def unmarked(self) -> tuple[Snapshot, ...]:
        """Those that do not say yet what they belong to."""
        return tuple(s for s in self.snapshots if not s.set_name) if self.whole else ()

    @property
    def spread(self) -> timedelta:
        return sets.spread([read_shot(s) for s in self.snapshots])


def meant_by(snapshots: Iterable[Marked]) -> frozenset[str]:
    """The claims that the snapshots' set was meant to have, by each of their words."""
    return frozenset(claim for s in snapshots for claim in s.set_claims)


def read_moments(
    snapshots: Iterable[Snapshot], leaving: Collection[str] = (), wholes: Iterable[GroupSnapshot] = ()
) -> tuple[Moment, ...]:
    """All moments.

    Args:
        snapshots: those of a group, and the members of its group snapshots.
        leaving: UIDs of what is being deleted though it does not show it yet.
        wholes: the group snapshots.
    """
    cut = {whole.metadata.uid: whole for whole in wholes}
    together: dict[str, list[Snapshot]] = {uid: [] for uid in cut}
    for snapshot in snapshots:
        together.setdefault(_kept_with(snapshot, cut), []).append(snapshot)
    return tuple(
        _cut_at_once(cut[name], found, leaving) if name in cut else _moment(name, found, leaving)
        for name, found in together.items()
    )


def _kept_with(snapshot: Snapshot, cut: Collection[str]) -> str:
    if snapshot.cut_with and snapshot.cut_with.uid in cut:
        return snapshot.cut_with.uid
    return snapshot.set_name or snapshot.metadata.uid


def _moment(name: str, found: list[Snapshot], leaving: Collection[str]) -> Moment:
    shots = [read_shot(s, leaving=s.metadata.uid in leaving) for s in found]
    if not found[0].set_name:
        return Moment(shots[0], tuple(found))
    parts = [sets.Part(s.claim_name, shot) for s, shot in zip(found, shots, strict=True)]
    return Moment(sets.as_one(name, meant_by(found), parts), tuple(found))


def _cut_at_once(whole: GroupSnapshot, found: list[Snapshot], leaving: Collection[str]) -> Moment:
    """What the call cut besides the set, of a claim that came in that second, is not counted."""
    meant = meant_by([whole])
    own = tuple(s for s in found if s.claim_name in meant)
    parts = [sets.Part(s.claim_name, replace(read_shot(s), ready=s.ready and bool(s.set_name))) for s in own]
    shot = read_shot(whole, leaving=whole.metadata.uid in leaving)
    return Moment(sets.as_whole(shot, meant, parts), own, whole)
