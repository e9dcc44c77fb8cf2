"""Which scheduled snapshots have had their time to get ready. They use no slot, count nowhere and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.policy.decisions import Removal
from holdfast.policy.texts import duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from holdfast.policy.decisions import Settings
    from holdfast.policy.shots import Shot


def has_failed(shot: Shot, settings: Settings, now: datetime) -> bool:
    """Whether a scheduled snapshot should have been ready by now."""
    return shot.kind == "scheduled" and shot.pending and settings.waited(shot, now) >= settings.deadline(shot)


def removals(shots: Sequence[Shot], settings: Settings, now: datetime) -> tuple[Removal, ...]:
    """The failed ones to remove, oldest first; a held one stays.

    A set that lost a part may hold the last good snapshots of the other claims: it stays until a newer one is ready.
    """
    removed = [shot for shot in shots if _goes(shot, shots, settings, now)]
    return tuple(
        Removal(shot, _rule(shot, settings)) for shot in sorted(removed, key=lambda shot: shot.created)
    )


def _goes(shot: Shot, shots: Sequence[Shot], settings: Settings, now: datetime) -> bool:
    if shot.held or not has_failed(shot, settings, now):
        return False
    return not shot.lacks or any(
        other.kind == "scheduled" and other.ready and not other.terminating and other.taken > shot.taken
        for other in shots
    )


def _rule(shot: Shot, settings: Settings) -> str:
    if shot.lacks:
        return f"without a snapshot of {', '.join(shot.lacks)}"
    state = "not ready" if shot.cut else "not even cut"
    error = f": {shot.error}" if shot.error else ""
    return f"{state} within {duration(settings.deadline(shot))}{error}"
