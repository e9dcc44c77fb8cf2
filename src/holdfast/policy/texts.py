"""Moments and lengths of time as messages show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(length: timedelta) -> str:
    """Compact and exact to the second: `30d`, `1h30m`, `45s`."""
    text = ""
    for unit, size in _UNITS:
        count, length = divmod(length, size)
        text += f"{count}{unit}" if count else ""
    seconds = int(length.total_seconds())
    return f"{text}{seconds}s" if seconds or not text else text
