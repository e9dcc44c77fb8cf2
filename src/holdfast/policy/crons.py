"""When a cron expression fires in its time zone, before and after a given moment.

The calendar arithmetic is cronsim's, which follows Debian's cron: a fixed time that a clock change skips fires
right after the change, one that the change repeats fires once; expressions with a star in the minute or the hour
follow real time. Added here is what a starting point inside a repeated hour needs. Known limit of cronsim: where
clocks change by half an hour (Lord Howe Island), expressions with a star skip up to an hour of that day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from holdfast.policy.errors import CronError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELDS: Final = 5
_SAMPLE: Final = (
    64  # firings looked at for the smallest gap: a year of a twice-monthly or yearly pattern and more
)
_SAMPLED_FROM: Final = datetime(2024, 1, 1)  # noqa: DTZ001 - wall time, as written in the expression


def normalise(expression: str) -> str:
    """One spelling for one meaning, as far as blanks and letter case go."""
    return " ".join(expression.split()).upper()


def check(expression: str) -> None:
    """Raise CronError unless `expression` has five fields and fires at some time."""
    if len(expression.split()) != _FIELDS:
        raise CronError(f'cron expression {expression!r} has not five fields: write it like "0 2 * * *"')
    try:
        fires = next(CronSim(expression, _SAMPLED_FROM), None)
    except (CronSimError, ValueError, AssertionError) as error:
        raise CronError(f'cron expression {expression!r}: {error}: write it like "0 2 * * *"') from error
    if fires is None:
        raise CronError(f"cron expression {expression!r} never fires: choose a day that exists")


def check_zone(name: str) -> None:
    """Raise CronError unless `name` is a time zone of the tz database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise CronError(f'time zone {name!r} is not known: write it like "Europe/Berlin" or "UTC"') from error


@lru_cache(maxsize=1024)
def smallest_gap(expression: str) -> timedelta:
    """The shortest time between two firings by the wall clock; a century for one that fires once."""
    sample = islice(CronSim(expression, _SAMPLED_FROM), _SAMPLE)
    return min((later - earlier for earlier, later in pairwise(sample)), default=timedelta(days=36_525))


def fires_after(expression: str, zone: str, moment: datetime) -> Iterator[datetime]:
    """All firings later than `moment`, in UTC, in order."""
    for fire in CronSim(expression, moment.astimezone(ZoneInfo(zone))):
        in_utc = fire.astimezone(UTC)
        if in_utc > moment:
            yield in_utc


def first_fire_after(expression: str, zone: str, moment: datetime) -> datetime | None:
    """The first firing later than `moment`, in UTC; None if there is none for fifty years."""
    return _first_after(expression, zone, _minute(moment))


def last_fire(expression: str, zone: str, moment: datetime) -> datetime | None:
    """The newest firing at or before `moment`, in UTC; None if there was none for fifty years."""
    return _last_until(expression, zone, _minute(moment))


def _minute(moment: datetime) -> datetime:
    """Firings are whole minutes, so all moments of a minute have the same ones before and after them."""
    return moment.replace(second=0, microsecond=0)


@lru_cache(maxsize=4096)
def _first_after(expression: str, zone: str, minute: datetime) -> datetime | None:
    return next(fires_after(expression, zone, minute), None)


@lru_cache(maxsize=4096)
def _last_until(expression: str, zone: str, minute: datetime) -> datetime | None:
    backwards = CronSim(expression, (minute + timedelta(seconds=1)).astimezone(ZoneInfo(zone)), reverse=True)
    earlier = (fire.astimezone(UTC) for fire in backwards)
    newest = next((fire for fire in earlier if fire <= minute), None)
    if newest is None:
        return None
    for fire in fires_after(expression, zone, newest):
        if fire > minute:
            break
        newest = fire
    return newest
