"""Which scheduled snapshots have had their time to get ready. They use no slot, count nowhere and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.policy.decisions import Removal
from holdfast.policy.texts import duration

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from holdfast.policy.decisions import Settings
    from holdfast.policy.shots import Shot


def has_failed(shot: Shot, settings: Settings, now: datetime) -> bool:
    """Whether a scheduled snapshot should have been ready by now."""
    return shot.kind == "scheduled" and shot.pending and shot.waited(now) >= settings.deadline(shot)


def removals(shots: Iterable[Shot], settings: Settings, now: datetime) -> tuple[Removal, ...]:
    """The failed ones to remove, oldest first; a held one stays."""
    failed = [shot for shot in shots if has_failed(shot, settings, now) and not shot.held]
    return tuple(
        Removal(shot, _rule(shot, settings)) for shot in sorted(failed, key=lambda shot: shot.created)
    )


def _rule(shot: Shot, settings: Settings) -> str:
    state = "not ready" if shot.cut else "not even cut"
    error = f": {shot.error}" if shot.error else ""
    return f"{state} within {duration(settings.deadline(shot))}{error}"
