"""What may go: only ready scheduled snapshots that no tier keeps, and never the last good ones.

Whatever is in doubt stays: snapshots whose tiers nobody can read, snapshots dated in the future (their places go
to others meanwhile), everything while no snapshot has got ready since the schedule was edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from holdfast.policy.decisions import Removal
from holdfast.policy.schedules import span_of
from holdfast.policy.shots import newest_first
from holdfast.policy.texts import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from holdfast.policy.decisions import Settings
    from holdfast.policy.schedules import Tier
    from holdfast.policy.shots import Shot


def nearest(tiers: Sequence[Tier], identity: str) -> Tier | None:
    """The tier nearest in length to one that the schedule does not know, the coarser of two; None: unreadable."""
    span = span_of(identity)
    if span is None or not tiers:
        return None
    return min(tiers, key=lambda tier: (_ratio(tier.span, span), -tier.span))


def belongs(shot: Shot, tier: Tier, tiers: Sequence[Tier]) -> bool:
    """Whether the snapshot counts under the tier, by its own identity or as the nearest of a foreign one."""
    return tier.id in shot.tiers or any(
        nearest(tiers, identity) == tier for identity in _foreign(shot, tiers)
    )


def retirements(
    tiers: Sequence[Tier], shots: Iterable[Shot], settings: Settings, now: datetime
) -> tuple[Removal, ...]:
    """The ready snapshots that no tier keeps or that are too old, oldest first."""
    ready = [shot for shot in shots if shot.kind == "scheduled" and shot.ready and not shot.terminating]
    counted = newest_first(shot for shot in ready if not shot.ahead_of(now))
    if not tiers or not counted or counted[0].created < settings.since:
        return ()
    return _Round(tuple(tiers), counted, settings, now).removals()


@dataclass(frozen=True)
class _Round:
    tiers: tuple[Tier, ...]
    counted: list[Shot]  # newest first
    settings: Settings
    now: datetime

    def removals(self) -> tuple[Removal, ...]:
        floor = max(self.settings.min_ready, 0)
        doomed = [(shot, self._rule(shot)) for shot in self.counted[floor:] if not self._held_back(shot)]
        return tuple(Removal(shot, rule) for shot, rule in reversed(doomed) if rule)

    def _held_back(self, shot: Shot) -> bool:
        foreign = _foreign(shot, self.tiers)
        in_doubt = self.settings.partial and bool(foreign)
        unreadable = any(nearest(self.tiers, identity) is None for identity in foreign)
        return shot.held or not shot.tiers or in_doubt or unreadable

    def _rule(self, shot: Shot) -> str:
        limit = self.settings.max_age
        if limit is not None and self._reference - shot.taken > limit:
            return f"older than the age limit of {duration(limit)}"
        if shot.uid in self._kept:
            return ""
        mine = [tier for tier in self.tiers if belongs(shot, tier, self.tiers)]
        return "beyond " + " and ".join(f"{tier.text!r} (keeps {tier.places})" for tier in mine)

    @cached_property
    def _reference(self) -> datetime:
        """Ages are measured from the newest ready snapshot, so that no clock that runs ahead ages them."""
        return min(self.now, self.counted[0].taken)

    @cached_property
    def _kept(self) -> frozenset[str]:
        """A tier's own snapshots keep their places; foreign ones share them and never drive one out."""
        kept: set[str] = set()
        for tier in self.tiers:
            own = [shot.uid for shot in self.counted if tier.id in shot.tiers]
            shared = [shot.uid for shot in self.counted if belongs(shot, tier, self.tiers)]
            kept.update(own[: tier.places], shared[: tier.places])
        return frozenset(kept)


def _foreign(shot: Shot, tiers: Sequence[Tier]) -> frozenset[str]:
    return shot.tiers - {tier.id for tier in tiers}


def _ratio(one: timedelta, other: timedelta) -> float:
    return max(one / other, other / one)
