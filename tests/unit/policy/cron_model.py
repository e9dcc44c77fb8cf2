"""Debian's cron by brute force: look at every minute, with the wall clock of the zone at hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def _field(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for term in text.split(","):
        body, _, step = term.partition("/")
        if body == "*":
            first, last = low, high
        elif "-" in body:
            first, last = (int(bound) for bound in body.split("-"))
        else:
            first, last = int(body), high if step else int(body)
        found |= set(range(first, last + 1, int(step or 1)))
    return found


@dataclass
class CronModel:
    expression: str
    zone: str

    def __post_init__(self) -> None:
        minute, hour, day, month, weekday = self.expression.split()
        self.minutes, self.hours = _field(minute, 0, 59), _field(hour, 0, 23)
        self.days, self.months = _field(day, 1, 31), _field(month, 1, 12)
        self.weekdays = {number % 7 for number in _field(weekday, 0, 7)}
        self.both_days = day.startswith("*") or weekday.startswith("*")
        self.by_real_time = minute.startswith("*") or hour.startswith("*")

    def matches(self, wall: datetime) -> bool:
        if wall.minute not in self.minutes or wall.hour not in self.hours or wall.month not in self.months:
            return False
        by_date, by_week = wall.day in self.days, wall.isoweekday() % 7 in self.weekdays
        return by_date and by_week if self.both_days else by_date or by_week

    def fires(self, start: datetime, end: datetime) -> list[datetime]:
        """The firings from `start` to `end`, both included, each a whole minute in UTC."""
        zone, found = ZoneInfo(self.zone), []
        now = start - timedelta(
            days=1
        )  # so that an hour that is being repeated at the start is known as such
        high = now.astimezone(zone).replace(tzinfo=None) - MINUTE
        while now <= end:
            wall = now.astimezone(zone).replace(tzinfo=None, fold=0)
            if self.by_real_time:
                due = self.matches(wall)
            else:  # each wall minute once: repeated ones are not new, skipped ones are made up for at once
                fresh = max(0, (wall - high) // MINUTE)
                due = any(self.matches(high + MINUTE * (n + 1)) for n in range(fresh))
            high = max(high, wall)
            found += [now] if due and now >= start else []
            now += MINUTE
        return found
