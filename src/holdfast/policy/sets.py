"""Snapshots of several claims at one moment, taken as one: a set is counted, kept, let go and restored as a whole.

A set knows all its claims from the moment it is asked for, so that one that is incomplete is known as such. It is
completed as long as that is the same moment still; later it has failed, and the next slot brings another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from holdfast.policy.exchange import FINAL, Phase
from holdfast.policy.shots import Shot

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

ONE_MOMENT: Final = timedelta(minutes=1)
"""So far apart the snapshots of a set may be asked for."""
_DIGITS: Final = 8
_BACK: Final = (Phase.FAILED, Phase.ROLLED_BACK, Phase.ROLLING_BACK)


@dataclass(frozen=True, slots=True)
class Part:
    """The snapshot of one claim of a set."""

    claim: str
    shot: Shot


def part_keys(claims: Collection[str]) -> dict[str, str]:
    """What the names of a set's snapshots say of each claim: its ordinal, else digits made from its name.

    Ordinals are for claims that differ in nothing else, as those of one template of a StatefulSet.
    """
    parts = {claim: claim.rpartition("-") for claim in claims}
    alike = len({before for before, _, _ in parts.values()}) == 1
    if alike and all(before and _is_ordinal(last) for before, _, last in parts.values()):
        return {claim: last for claim, (_, _, last) in parts.items()}
    return {claim: hashlib.sha256(claim.encode()).hexdigest()[:_DIGITS] for claim in claims}


def _is_ordinal(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _DIGITS and str(int(text)) == text


def as_one(name: str, meant: Collection[str], parts: Sequence[Part]) -> Shot:
    """The set as decisions see it; `meant` are all claims that it was asked for.

    It is ready and cut only as a whole. One part that is held holds all; while one is going away it is of no use, and
    once that is gone it lacks it.
    """
    shots = [part.shot for part in parts]
    leaving = any(shot.terminating for shot in shots)
    lacks = () if leaving else tuple(sorted({*meant} - {part.claim for part in parts}))
    cuts = [shot.cut for shot in shots if shot.cut is not None]
    return Shot(
        name=name,
        uid=name,
        stamp=shots[0].stamp,
        created=min(shot.created for shot in shots),
        cut=max(cuts) if len(cuts) == len(shots) and not lacks else None,
        ready=all(shot.ready for shot in shots) and not lacks,
        error=next((shot.error for shot in shots if shot.error), ""),
        tiers=frozenset().union(*(shot.tiers for shot in shots)),
        kind=shots[0].kind,
        held=any(shot.held for shot in shots),
        terminating=leaving,
        lacks=lacks,
    )


def as_whole(whole: Shot, meant: Collection[str], parts: Sequence[Part]) -> Shot:
    """The set as decisions see it, where one call cuts all of it; `whole` is the object that stands for that call.

    Its parts come when it gets ready. From then on one that is not there, or going away, is lost.
    """
    there = [part for part in parts if not part.shot.terminating]
    lost = {*meant} - {part.claim for part in there} if whole.ready else set()
    return replace(
        whole,
        cut=None if lost else whole.cut,
        ready=whole.ready and not lost and all(part.shot.ready for part in there),
        error=next((shot.error for shot in (whole, *(p.shot for p in there)) if shot.error), ""),
        held=whole.held or any(part.shot.held for part in parts),
        lacks=tuple(sorted(lost)),
    )


def can_be_completed(shot: Shot, now: datetime) -> bool:
    """Whether what a set lacks may still be taken: later it would be of another moment."""
    return bool(shot.lacks) and shot.kind == "scheduled" and shot.waited(now) < ONE_MOMENT


def phase_of_all(phases: Collection[str]) -> str:
    """Where the restores of a set are: on the way back as soon as one is, otherwise where the last one is."""
    turned = [phase for phase in _BACK if phase in phases]
    if not turned:
        return min(map(Phase, phases), key=list(Phase).index)
    return turned[-1] if FINAL.issuperset(phases) else Phase.ROLLING_BACK


def spread(shots: Collection[Shot]) -> timedelta:
    """How far apart the parts were cut, by the clock of the storage; 0 unless two were."""
    cuts = [shot.cut for shot in shots if shot.cut is not None]
    return max(cuts) - min(cuts) if cuts else timedelta()
