"""Lengths of time as Go writes them: `1h30m`, `720h0m0s`, `1.5s`, `0`. Grammar: Go's `time.ParseDuration`."""

from __future__ import annotations

import re
from datetime import timedelta

from holdfast.policy.errors import PolicyError

_UNITS = {
    "ns": timedelta(microseconds=0.001),
    "us": timedelta(microseconds=1),
    "µs": timedelta(microseconds=1),
    "μs": timedelta(microseconds=1),
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_WHOLE = re.compile(rf"([+-]?)((?:{_PART.pattern})+|0)")


class DurationError(PolicyError):
    """A text is no length of time."""


def read(text: str) -> timedelta:
    """The length that a text means, to the microsecond.

    Raises:
        DurationError: it is none, or longer than can be counted.
    """
    found = _WHOLE.fullmatch(text)
    if not found:
        raise DurationError(f"{text!r} is no length of time: write it as 24h, 90m or 1h30m")
    try:
        length = sum((float(n) * _UNITS[unit] for n, unit in _PART.findall(found[2])), timedelta())
    except OverflowError:
        raise DurationError(f"{text!r} is too long") from None
    return -length if found[1] == "-" else length


def spelled(length: timedelta) -> str:
    """A length of whole seconds as Go writes it: `720h0m0s`, `1m0s`, `0s`."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
