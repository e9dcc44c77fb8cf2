"""What was done and is not in the caches yet, so that nothing is done twice for want of a watch event.

Doing it twice would be harmless, since names are those of slots and deletes carry UIDs. But a snapshot that the
caches do not show yet is not cut either, and the next one has to wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key


class Expectations:
    """Names or UIDs of a group that are expected to show up, or to vanish, within a while."""

    def __init__(self, clock: Clock, patience: timedelta) -> None:
        self._clock = clock
        self._patience = patience
        self._until: dict[Key, dict[str, datetime]] = {}

    def expect(self, key: Key, what: str) -> None:
        self._until.setdefault(key, {})[what] = self._clock.now() + self._patience

    def fulfil(self, key: Key, found: Iterable[str]) -> None:
        """These have come about."""
        for what in found:
            self._until.get(key, {}).pop(what, None)

    def forget(self, key: Key) -> None:
        """The group is gone."""
        self._until.pop(key, None)

    def of(self, key: Key) -> frozenset[str]:
        """What is still expected for a group; what is late by more than the patience is given up."""
        now = self._clock.now()
        pending = {what: until for what, until in self._until.pop(key, {}).items() if until > now}
        if pending:
            self._until[key] = pending
        return frozenset(pending)
