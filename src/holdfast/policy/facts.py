"""One group at one moment, its snapshots sorted by what they can stand for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from holdfast.policy.failing import has_failed
from holdfast.policy.firing import Presence, Timetable, presence

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.policy.decisions import Settings
    from holdfast.policy.schedules import Tier
    from holdfast.policy.shots import Shot


@dataclass(frozen=True)
class Facts:
    """What a decision is made of."""

    tiers: tuple[Tier, ...]
    shots: tuple[Shot, ...]
    settings: Settings
    now: datetime

    @cached_property
    def scheduled(self) -> list[Shot]:
        """Those the schedule took, being deleted or not."""
        return [shot for shot in self.shots if shot.kind == "scheduled"]

    @cached_property
    def failed(self) -> list[Shot]:
        """Those that had their time to get ready."""
        return [shot for shot in self.scheduled if has_failed(shot, self.settings, self.now)]

    @cached_property
    def standing(self) -> list[Shot]:
        """Those that stand for a slot: ready, or still to get ready."""
        failed = set(self.failed)
        return [shot for shot in self.scheduled if not shot.terminating and shot not in failed]

    @cached_property
    def present(self) -> Presence:
        """The points that the standing ones reach."""
        return presence(self.standing, self.now)

    @cached_property
    def timetable(self) -> Timetable | None:
        """The grids in force; None without tiers and while suspended."""
        if not self.tiers or self.settings.suspended:
            return None
        return Timetable(self.tiers, self.settings.anchor, self.settings.seed)
