"""A schedule as the user wrote it, and what it means.

A tier's identity is its meaning and not its text: `hour`, `1 hour` and `60m` are one tier. A tier that cannot be
followed is reported and left out; the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from holdfast.policy import crons
from holdfast.policy.errors import CronError, IntervalError
from holdfast.policy.intervals import REMEDY, parse_every

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TierEntry:
    """One entry of `spec.schedule`: either `every` or `cron` (with `time_zone`, UTC when empty)."""

    every: str = ""
    cron: str = ""
    time_zone: str = ""
    keep: int = 0

    @property
    def text(self) -> str:
        """The tier as messages and annotations name it."""
        return f"cron {crons.normalise(self.cron)} {self.time_zone or 'UTC'}" if self.cron else self.every


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier that can be followed: an interval, or a cron expression in a zone."""

    id: str
    text: str
    keep: int
    interval: timedelta | None
    cron: str = ""
    zone: str = ""

    @property
    def span(self) -> timedelta:
        """How fine the tier is: its interval, or the smallest gap between two firings."""
        return self.interval if self.interval is not None else crons.smallest_gap(self.cron)

    @property
    def places(self) -> int:
        """How many ready snapshots the tier keeps: the newest, and `keep` of history."""
        return self.keep + 1


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an entry is not followed, or, as a warning, not followed to the letter."""

    tier: str
    field: str
    value: str
    remedy: str
    warning: bool = False

    def __str__(self) -> str:
        return f"schedule {self.tier!r}: {self.field} {self.value!r}: {self.remedy}"


def read_tiers(entries: Iterable[TierEntry]) -> tuple[tuple[Tier, ...], tuple[Problem, ...]]:
    """The tiers that can be followed, in the user's order, and what is wrong with the entries."""
    tiers: dict[str, Tier] = {}
    problems: list[Problem] = []
    for entry in entries:
        result = _read(entry)
        if isinstance(result, Problem):
            problems.append(result)
            continue
        if entry.every and entry.time_zone:
            problems.append(_ignored_zone(entry))
        if result.id in tiers:
            problems.append(_repeated(entry))
            result = replace(tiers[result.id], keep=max(tiers[result.id].keep, result.keep))
        tiers[result.id] = result
    return tuple(tiers.values()), tuple(problems)


def tier_id(text: str) -> str | None:
    """The identity behind a tier's text in an annotation of a snapshot; None if nobody can read it."""
    if text.startswith("cron "):
        expression, _, zone = text.removeprefix("cron ").rpartition(" ")
        entry = TierEntry(cron=expression, time_zone=zone)
    else:
        entry = TierEntry(every=text)
    result = _read(entry)
    return result.id if isinstance(result, Tier) else None


def span_of(identity: str) -> timedelta | None:
    """How fine the tier with this identity is; None if `identity` is none."""
    kind, _, rest = identity.partition(":")
    expression, _, zone = rest.rpartition("@")
    result = _read(TierEntry(every=rest) if kind == "every" else TierEntry(cron=expression, time_zone=zone))
    return result.span if isinstance(result, Tier) and result.id == identity else None


def fingerprint(tiers: Iterable[Tier], *, max_age: timedelta | None = None, min_ready: int = 1) -> str:
    """The meaning of a schedule as text: equal for schedules that take and keep the same."""
    parts = sorted(f"{tier.id}={tier.keep}" for tier in tiers)
    age = [f"max-age={max_age.total_seconds():.0f}s"] if max_age is not None else []
    return "; ".join([*parts, *age, f"min-ready={min_ready}"])


def _read(entry: TierEntry) -> Tier | Problem:
    if entry.every and entry.cron:
        return Problem(entry.text, "every", entry.every, "give either every or cron, not both")
    if entry.keep < 0:
        return Problem(entry.text, "keep", str(entry.keep), "give the number of older snapshots, 0 or more")
    return _read_cron(entry) if entry.cron else _read_every(entry)


def _read_every(entry: TierEntry) -> Tier | Problem:
    if not entry.every:
        return Problem("", "every", "", 'give either every, like "1 hour", or cron, like "0 2 * * *"')
    try:
        interval = parse_every(entry.every)
    except IntervalError:
        return Problem(entry.text, "every", entry.every, REMEDY)
    if interval < _SECOND or interval % _SECOND:
        return Problem(entry.text, "every", entry.every, "give whole seconds, at least 1 second")
    return Tier(f"every:{interval // _SECOND}s", entry.text, entry.keep, interval)


def _read_cron(entry: TierEntry) -> Tier | Problem:
    zone = entry.time_zone or "UTC"
    try:
        crons.check(entry.cron)
    except CronError as error:
        return Problem(entry.text, "cron", entry.cron, str(error))
    try:
        crons.check_zone(zone)
    except CronError as error:
        return Problem(entry.text, "timeZone", zone, str(error))
    expression = crons.normalise(entry.cron)
    return Tier(f"cron:{expression}@{zone}", entry.text, entry.keep, None, expression, zone)


def _ignored_zone(entry: TierEntry) -> Problem:
    remedy = "every has no time zone and ignores it; use cron for a time of day"
    return Problem(entry.text, "timeZone", entry.time_zone, remedy, warning=True)


def _repeated(entry: TierEntry) -> Problem:
    remedy = "the schedule has this tier twice and follows the larger keep; leave one"
    return Problem(entry.text, "keep", str(entry.keep), remedy, warning=True)
