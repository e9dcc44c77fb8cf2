"""The time of day, as something that can be given.

Whoever compares with timestamps of API objects takes a `Clock`, so that a test can live through a year in a
moment. How long something takes is measured with the event loop's monotonic time instead, never with this.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time of day comes from."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


def micro_time(moment: datetime) -> str:
    """The wire form of the API's `MicroTime`, which wants all six digits of the fraction."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
