"""SnapshotGroups and VolumeSnapshots as the values that decisions take. Pure.

What Gemini wrote is believed as far as it can be read; a text that nobody can read stands for itself, so that the
snapshot is held back and never deleted for it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from holdfast.api import keys
from holdfast.policy.decisions import Settings
from holdfast.policy.errors import IntervalError
from holdfast.policy.intervals import parse_every
from holdfast.policy.schedules import Problem, Tier, TierEntry, fingerprint, read_tiers, tier_id
from holdfast.policy.shots import Shot

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import Marked, Snapshot
    from holdfast.policy.shots import Kind

TIER_SEPARATOR = "; "
_EPOCH = datetime.fromtimestamp(0, UTC)


class Schedule(NamedTuple):
    """A group's schedule as far as it can be followed."""

    tiers: tuple[Tier, ...]
    problems: tuple[Problem, ...]
    fingerprint: str
    min_ready: int
    max_age: timedelta | None
    ready_within: timedelta | None

    def settings(self, group: SnapshotGroup, since: datetime) -> Settings:
        """The group around the schedule, for a decision."""
        meta = group.metadata
        return Settings(
            anchor=meta.creation_timestamp or _EPOCH,
            seed=meta.uid,
            since=since,
            min_ready=self.min_ready,
            max_age=self.max_age,
            ready_within=self.ready_within,
            suspended=group.spec.suspend,
            partial=any(not p.warning for p in self.problems),
        )


def read_schedule(group: SnapshotGroup) -> Schedule:
    """The tiers and limits of a group; what cannot be read is a problem and leaves the rest as it is."""
    spec = group.spec
    entries = [TierEntry(t.every, t.cron, t.time_zone, t.keep) for t in spec.schedule]
    tiers, problems = read_tiers(entries)
    limits = spec.retention
    max_age, bad_age = _duration("retention.maxAge", limits.max_age)
    within, bad_within = _duration("retention.readyWithin", limits.ready_within)
    min_ready = 1 if limits.min_ready is None else limits.min_ready
    bad_floor = _problem("retention.minReady", str(min_ready), "give 0 or more") if min_ready < 0 else None
    found = tuple(p for p in (bad_age, bad_within, bad_floor, _unknown_policy(limits.retained_contents)) if p)
    floor = max(min_ready, 0)
    meaning = fingerprint(tiers, max_age=max_age, min_ready=floor)
    return Schedule(tiers, (*problems, *found), meaning, floor, max_age, within)


def _duration(field: str, text: str) -> tuple[timedelta | None, Problem | None]:
    if not text:
        return None, None
    try:
        length = parse_every(text)
    except IntervalError as error:
        return None, _problem(field, text, str(error))
    if length <= timedelta():
        return None, _problem(field, text, "give more than nothing, such as 30d or 720h")
    return length, None


def _unknown_policy(text: str) -> Problem | None:
    if text in {"", "Keep", "Delete"}:
        return None
    return _problem("retention.retainedContents", text, "give Keep or Delete; they are kept meanwhile")


def _problem(field: str, value: str, remedy: str) -> Problem:
    return Problem("", field, value, remedy, warning=True)


def read_shot(snapshot: Marked, *, leaving: bool = False) -> Shot:
    """One snapshot of a group, or several cut by one call.

    Args:
        snapshot: what stands for it.
        leaving: it is being deleted though it does not show it yet.
    """
    meta, status = snapshot.metadata, snapshot.status
    created = meta.creation_timestamp or _EPOCH
    return Shot(
        name=meta.name,
        uid=meta.uid,
        stamp=_stamp(snapshot) or created,
        created=created,
        cut=status.creation_time,
        ready=status.ready_to_use,
        error=status.error.message if status.error else "",
        tiers=frozenset(tier_id(t) or t for t in tier_texts(snapshot)),
        kind=_kind(snapshot),
        held=keys.HOLD in meta.labels,
        terminating=leaving or meta.deletion_timestamp is not None,
    )


def _stamp(snapshot: Marked) -> datetime | None:
    text = snapshot.metadata.annotations.get(keys.GEMINI_TIMESTAMP, "")
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def stamp_problem(snapshot: Snapshot) -> str:
    """What is wrong with the timestamp annotation; empty if nothing is."""
    text = snapshot.metadata.annotations.get(keys.GEMINI_TIMESTAMP)
    if text is None or _stamp(snapshot):
        return ""
    return (
        f"snapshot {snapshot.metadata.name}: annotation {keys.GEMINI_TIMESTAMP} is {text!r}, not unix seconds;"
        " its creation time is used instead"
    )


def tier_texts(snapshot: Marked) -> list[str]:
    """The tiers it was taken for, as the schedule named them then."""
    notes = snapshot.metadata.annotations
    gemini = notes.get(keys.GEMINI_INTERVALS, "").split(", ")
    ours = notes.get(keys.TIERS, "").split(TIER_SEPARATOR)
    return [t for t in (*gemini, *ours) if t]


def _kind(snapshot: Marked) -> Kind:
    if snapshot.safety:
        return "safety"
    return "manual" if keys.MANUAL in snapshot.metadata.annotations else "scheduled"
