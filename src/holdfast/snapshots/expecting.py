"""What was done and is not in the caches yet, so that nothing is done twice for want of a watch event.

Only saves calls: doing it twice would be harmless, since names are those of slots and deletes carry UIDs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from holdfast.control.clocks import Clock


class Expectations:
    """Names or UIDs that are expected to show up, or to vanish, within a while."""

    def __init__(self, clock: Clock, patience: timedelta) -> None:
        self._clock = clock
        self._patience = patience
        self._until: dict[str, datetime] = {}

    def expect(self, what: str) -> None:
        self._until[what] = self._clock.now() + self._patience

    def fulfil(self, what: str) -> None:
        self._until.pop(what, None)

    def __contains__(self, what: str) -> bool:
        until = self._until.get(what)
        if until is not None and until <= self._clock.now():
            self.fulfil(what)
        return what in self._until
