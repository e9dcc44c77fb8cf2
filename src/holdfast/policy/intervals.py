"""Interval texts: Gemini's grammar, byte for byte as it accepts them, and Go's durations besides.

Gemini's grammar allows zero and negative amounts; whether such a tier makes sense is for `schedules` to say.
"""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from typing import Final

from holdfast.policy.errors import IntervalError

__all__ = ["REMEDY", "IntervalError", "is_gemini", "parse_every"]

REMEDY: Final = 'write it like "10 minutes", "hour", "2 weeks" or as a Go duration like "1h30m"'

_UNITS: Final = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_AMOUNT: Final = re.compile(r"[+-]?[0-9]+")

_GO_NANOSECONDS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # micro sign
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_GO_PART: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_LONGEST: Final = timedelta(microseconds=(2**63 - 1) // 1_000)  # what a Go duration holds: 292 years
_LONGEST_TEXT: Final = 80  # no sensible interval is longer, and a hostile one must cost nothing


def parse_every(text: str) -> timedelta:
    """The length of the interval that `text` names.

    Raises:
        IntervalError: neither Gemini nor Go would read it, or it is longer than 292 years.
    """
    interval = _gemini(text)
    if interval is None and len(text) <= _LONGEST_TEXT:
        interval = _go_duration(text)
    if interval is None:
        raise IntervalError(f"interval {text!r} cannot be read: {REMEDY}")
    return interval


def is_gemini(text: str) -> bool:
    """Whether `text` may stand in Gemini's `intervals` annotation without stopping Gemini."""
    return _gemini(text) is not None


def _gemini(text: str) -> timedelta | None:
    amount, space, unit = text.partition(" ")
    if not space:
        amount, unit = "1", text
    length = _UNITS.get(unit.removesuffix("s"))
    if length is None or len(text) > _LONGEST_TEXT or not _AMOUNT.fullmatch(amount):
        return None
    count = int(amount)
    return count * length if abs(count) <= _LONGEST // length else None


def _go_duration(text: str) -> timedelta | None:
    unsigned = text[1:] if text[:1] in {"+", "-"} else text
    if unsigned == "0":
        return timedelta()
    parts = list(_GO_PART.finditer(unsigned))
    if not parts or "".join(part[0] for part in parts) != unsigned:
        return None
    nanoseconds = sum(Fraction(part[1]) * _GO_NANOSECONDS[part[2]] for part in parts)
    if nanoseconds > 2**63 - 1:
        return None
    interval = timedelta(microseconds=int(nanoseconds) // 1_000)
    return -interval if text.startswith("-") else interval
