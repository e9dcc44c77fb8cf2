"""Times for readers: `3m` instead of a timestamp."""

from __future__ import annotations

from datetime import UTC, datetime

_A_MOMENT = 60
_UNITS = (("s", 1, 120), ("m", 60, 120), ("h", 3600, 48), ("d", 86400, 730))


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the unit that tells most: `90s`, `3m`, `47h`, `12d`; empty for no moment."""
    return span((now - moment).total_seconds()) if moment else ""


def until(moment: datetime | None, now: datetime) -> str:
    """How long from now: `in 3m`, `now`, or `8m ago` when it is long past; empty for no moment."""
    if moment is None:
        return ""
    seconds = (moment - now).total_seconds()
    if seconds > 0:
        return f"in {span(seconds)}"
    return "now" if seconds > -_A_MOMENT else f"{span(-seconds)} ago"


def span(seconds: float) -> str:
    """A length of time in one unit; less than nothing is nothing."""
    whole = max(0, int(seconds))
    for unit, length, limit in _UNITS:
        if whole < limit * length:
            return f"{whole // length}{unit}"
    return f"{whole // (365 * 86400)}y"


def now() -> datetime:
    return datetime.now(UTC)
