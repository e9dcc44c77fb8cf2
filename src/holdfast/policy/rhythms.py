"""When a Velero Schedule fires: cron with five fields, `@daily` and its like, `@every 1h30m`, with or without a zone.

The language is that of github.com/robfig/cron 3.0.1, which Velero 1.18 reads schedules with, and a table made by that
parser is in the tests. It is not the cron of `holdfast.policy.crons`: a fixed time that a clock change skips does not
fire that day, one that the change repeats fires twice; Sunday is 0 and never 7; `5/10` goes on to the end of the
field. What can be read and never fires, such as the 30th of February, is refused here. Where a day has no midnight,
or clocks change by half an hour, that parser leaves out firings or searches for ever; this module does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from holdfast.policy import durations
from holdfast.policy.crons import check_zone
from holdfast.policy.errors import CronError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, tzinfo

_WRITE: Final = 'write it like "0 3 * * *", "@daily" or "@every 6h"'
_ZONE: Final = re.compile(r"(?:CRON_)?TZ=(\S*)\s+(.*)", re.DOTALL)
_YEARS: Final = 5
"""So many years ahead a firing is looked for, as that parser does."""
_SECOND: Final = timedelta(seconds=1)


class Rhythm(Protocol):
    """A schedule that was read."""

    def after(self, moment: datetime) -> datetime | None:
        """The first firing later than a moment, in UTC; None if there is none within five years."""


@dataclass(frozen=True, slots=True)
class Every:
    """At a distance from the last time, in whole seconds."""

    length: timedelta

    def after(self, moment: datetime) -> datetime | None:
        return moment.astimezone(UTC).replace(microsecond=0) + self.length


class _Field(NamedTuple):
    values: frozenset[int]
    free: bool
    """Whether a star stands in it, so that it leaves the choice of days to the other field of days."""


@dataclass(frozen=True, slots=True)
class Cron:
    """At every minute whose wall clock has these numbers."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: _Field
    months: frozenset[int]
    weekdays: _Field
    zone: tzinfo

    def after(self, moment: datetime) -> datetime | None:
        local = moment.astimezone(self.zone)
        for day in _days(local.date(), local.year + _YEARS):
            if self._includes(day) and (firings := [f for f in self._firings(day) if f > moment]):
                return min(firings)
        return None

    def _includes(self, day: date) -> bool:
        by_day, by_weekday = day.day in self.days.values, day.isoweekday() % 7 in self.weekdays.values
        free = self.days.free or self.weekdays.free
        return day.month in self.months and (by_day and by_weekday if free else by_day or by_weekday)

    def _firings(self, day: date) -> Iterator[datetime]:
        """All of a day by the wall clock, in UTC: a skipped time not at all, a repeated one twice."""
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time
        for hour in self.hours:
            for minute in self.minutes:
                wall = midnight.replace(hour=hour, minute=minute)
                for fold in (0, 1):
                    moment = wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)
                    if moment.astimezone(self.zone).replace(tzinfo=None, fold=0) == wall:
                        yield moment


def parse(text: str) -> Rhythm:
    """The rhythm that a text means.

    Raises:
        CronError: it cannot be read, or it never fires.
    """
    zone = "UTC"
    if found := _ZONE.fullmatch(text):
        zone, text = found[1] or "UTC", found[2].strip()
        check_zone(zone)
    if text.startswith("@every "):
        return _every(text.removeprefix("@every "))
    cron = _cron(_NAMED.get(text, text), ZoneInfo(zone))
    if cron.after(datetime(2023, 1, 1, tzinfo=UTC)) is None:
        raise CronError(f"schedule {text!r} never fires: choose a day that exists")
    return cron


_NAMED: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class _Kind(NamedTuple):
    title: str
    first: int
    last: int
    names: dict[str, int] = {}  # noqa: RUF012  (nobody changes it)


_KINDS: Final = (
    _Kind("minute", 0, 59),
    _Kind("hour", 0, 23),
    _Kind("day of the month", 1, 31),
    _Kind("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Kind("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)


def _every(text: str) -> Every:
    try:
        length = durations.read(text)
    except durations.DurationError as error:
        raise CronError(f"schedule '@every {text}': {error}") from None
    return Every(max(length - length % _SECOND, _SECOND))


def _cron(text: str, zone: tzinfo) -> Cron:
    parts = text.split()
    if len(parts) != len(_KINDS):
        raise CronError(f"schedule {text!r} has {len(parts)} fields, not five: {_WRITE}")
    minutes, hours, days, months, weekdays = (
        _field(part, kind) for part, kind in zip(parts, _KINDS, strict=True)
    )
    return Cron(minutes.values, hours.values, days, months.values, weekdays, zone)


def _field(text: str, kind: _Kind) -> _Field:
    parts = [_part(part, kind) for part in text.split(",") if part]
    values = frozenset(value for part in parts for value in part.values)
    return _Field(values, any(part.free for part in parts))


def _part(text: str, kind: _Kind) -> _Field:
    """One of the parts between commas: `*`, `5`, `1-5`, any of them with a step; `5/10` goes on to the end."""
    span, *steps = text.split("/")
    low, *highs = span.split("-")
    if len(highs) > 1 or len(steps) > 1:
        raise CronError(f"{kind.title} {text!r} cannot be read: {_WRITE}")
    step = _number(steps[0], text, kind) if steps else 1
    if low in {"*", "?"}:
        return _Field(_numbers(kind.first, kind.last, step, text, kind), step == 1)
    first = _value(low, text, kind)
    last = _value(highs[0], text, kind) if highs else kind.last if steps else first
    return _Field(_numbers(first, last, step, text, kind), free=False)


def _numbers(first: int, last: int, step: int, text: str, kind: _Kind) -> frozenset[int]:
    if not kind.first <= first <= last <= kind.last or not step:
        raise CronError(f"{kind.title} {text!r} is not within {kind.first}-{kind.last}: {_WRITE}")
    return frozenset(range(first, last + 1, step))


def _value(word: str, text: str, kind: _Kind) -> int:
    return kind.names[word.lower()] if word.lower() in kind.names else _number(word, text, kind)


def _number(word: str, text: str, kind: _Kind) -> int:
    if not re.fullmatch(r"\+?[0-9]{1,18}", word):
        raise CronError(f"{kind.title} {text!r} cannot be read: {_WRITE}")
    return int(word)


def _days(first: date, last_year: int) -> Iterator[date]:
    """The day before as well: where a clock goes back across midnight, it is not over yet."""
    days = (first + timedelta(days=n) for n in range(-1, 366 * (_YEARS + 1)))
    return (day for day in days if day.year <= last_year)
