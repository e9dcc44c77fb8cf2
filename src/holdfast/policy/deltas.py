"""The annotation of k8s-snapshots as a schedule: `PT1H P1D P7D` is hourly for a day, then daily for a week.

k8s-snapshots and tarsnapper, whose rule it follows, name two or more ISO 8601 durations, each longer than the one
before: snapshots are taken at the first, those of one generation are kept until the next, and the last is the end.
Here each generation is a tier that keeps as many as fit into the next. A year has 365 days and a month 30, as there.
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

from holdfast.policy.errors import IntervalError
from holdfast.policy.schedules import TierEntry

REMEDY = 'write two or more ISO 8601 durations, each longer than the one before, such as "PT1H P1D P30D"'
_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(days=365 * 200)
_LONGEST_TEXT = 400
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
_DURATION = re.compile(
    "P"
    + "".join(f"(?:{_NUMBER}{u})?" for u in "YMWD")
    + "(?:T"
    + "".join(f"(?:{_NUMBER}{u})?" for u in "HMS")
    + ")?"
)
_LENGTHS = (
    *(timedelta(days=365), timedelta(days=30), timedelta(weeks=1), timedelta(days=1)),
    *(timedelta(hours=1), timedelta(minutes=1), _SECOND),
)
_UNITS = (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1)))


def read_deltas(text: str) -> tuple[TierEntry, ...]:
    """The tiers that the annotation stands for.

    Raises:
        IntervalError: it cannot be read, or the durations do not grow.
    """
    spans = [_duration(part, text) for part in text[:_LONGEST_TEXT].split()]
    generations = tuple(pairwise(spans))
    if not generations or len(text) > _LONGEST_TEXT or any(a >= b for a, b in generations):
        raise IntervalError(f"deltas {text[:_LONGEST_TEXT]!r}: {REMEDY}")
    return tuple(TierEntry(every=_interval(a), keep=-(-b // a)) for a, b in generations)


def _duration(part: str, text: str) -> timedelta:
    match = _DURATION.fullmatch(part)
    amounts = [amount for amount in match.groups() if amount] if match else []
    if match is None or not amounts or part.endswith("T"):
        raise IntervalError(f"deltas {text[:_LONGEST_TEXT]!r}: {part!r} is no duration; {REMEDY}")
    length = timedelta()
    for amount, unit in zip(match.groups(), _LENGTHS, strict=True):
        length += min(float(amount or 0) * unit.total_seconds(), _LONGEST.total_seconds()) * _SECOND
    if not _SECOND <= length <= _LONGEST or length % _SECOND:
        raise IntervalError(
            f"deltas {text[:_LONGEST_TEXT]!r}: {part!r} is not a number of whole seconds; {REMEDY}"
        )
    return length


def _interval(length: timedelta) -> str:
    """In Gemini's grammar, so that a Gemini can read the tier on a snapshot."""
    for name, unit in _UNITS:
        if not length % unit:
            return f"{length // unit} {name}"
    return f"{length // _SECOND} seconds"
