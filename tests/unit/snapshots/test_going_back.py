"""What a Gemini would do with the snapshots that Holdfast leaves, by a model of its algorithm as it was read.

The real program is not part of the tests; the model has its rules: sort by the timestamp annotation, allow keep + 1
for each tier text, delete what no tier keeps, take one when a tier's newest is older than its interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from unit.snapshots.simulating import Simulation, group_of, snapshot_of

from holdfast.api import keys
from holdfast.policy.intervals import parse_every
from holdfast.snapshots.taking import manual_snapshot

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import Snapshot

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Pass:
    """What one pass of Gemini does."""

    deletes: frozenset[str]
    takes_for: frozenset[str]


def gemini(group: SnapshotGroup, snapshots: list[Snapshot], now: datetime) -> Pass:
    """One pass over a group; raises where Gemini gives up."""
    listed = [s for s in snapshots if is_listed(s, group.metadata.name)]
    allowed = {tier.every: tier.keep + 1 for tier in group.spec.schedule}
    due, counts, kept = set(allowed), dict.fromkeys(allowed, 0), set()
    for snapshot in sorted(listed, key=taken_at, reverse=True):
        for text in tier_texts(snapshot):
            if counts.setdefault(text, 0) == 0:
                if taken_at(snapshot) + parse_every(text) < now:
                    counts[text] += 1
                else:
                    due.discard(text)
            counts[text] += 1
            if counts[text] <= allowed.get(text, 0):
                kept.add(snapshot.metadata.name)
    scheduled = {s.metadata.name for s in listed if keys.GEMINI_RESTORE not in s.metadata.annotations}
    return Pass(frozenset(scheduled - kept), frozenset(due))


def is_listed(snapshot: Snapshot, group: str) -> bool:
    notes = snapshot.metadata.annotations
    return notes.get(keys.GEMINI_MANAGED_BY) == "gemini" and notes.get(keys.GEMINI_GROUP) == group


def taken_at(snapshot: Snapshot) -> datetime:
    return datetime.fromtimestamp(
        int(snapshot.metadata.annotations[keys.GEMINI_TIMESTAMP]),
        snapshot.metadata.creation_timestamp.tzinfo,  # type: ignore[union-attr]
    )


def tier_texts(snapshot: Snapshot) -> list[str]:
    if keys.GEMINI_RESTORE in snapshot.metadata.annotations:
        return []
    text = snapshot.metadata.annotations.get(keys.GEMINI_INTERVALS, "")
    return text.split(", ") if text else []


def lived(*schedule: dict[str, object]) -> Simulation:
    """A group after a day with Holdfast."""
    group = Simulation(group_of(*schedule))
    group.run(timedelta(days=1), 5 * MINUTE)
    return group


SCHEDULE = ({"every": "10 minutes", "keep": 3}, {"every": "hour", "keep": 2}, {"every": "1 day", "keep": 1})


def test_a_gemini_that_comes_back_deletes_nothing_and_goes_on_when_the_next_is_due() -> None:
    group = lived(*SCHEDULE)
    newest = max(map(taken_at, group.snapshots))
    assert gemini(group.group, group.snapshots, newest + MINUTE) == Pass(frozenset(), frozenset())
    late = gemini(group.group, group.snapshots, newest + 11 * MINUTE)
    assert "10 minutes" in late.takes_for
    assert len(late.deletes) <= len(late.takes_for), "the one that is due needs a place in each tier"


def test_it_can_read_every_interval_that_it_finds() -> None:
    group = lived(*SCHEDULE, {"every": "90m", "keep": 1}, {"cron": "0 2 * * *", "keep": 1})
    texts = {text for s in group.snapshots for text in tier_texts(s)}
    assert texts == {"10 minutes", "hour", "1 day"}


def test_it_would_retire_those_that_only_tiers_of_ours_keep() -> None:
    """As the documentation says of tiers that Gemini cannot read."""
    group = lived(SCHEDULE[0], {"every": "3h", "keep": 2})
    newest = max(map(taken_at, group.snapshots))
    doomed = gemini(group.group, group.snapshots, newest).deletes
    ours = {s.metadata.name for s in group.snapshots if keys.TIERS in s.metadata.annotations}
    assert doomed
    assert doomed <= ours


def test_it_leaves_snapshots_asked_for_by_hand_and_safety_snapshots_alone() -> None:
    group = lived(*SCHEDULE)
    by_hand = manual_snapshot(group.group, group.time)["metadata"]
    notes = {keys.GEMINI_MANAGED_BY: "gemini", keys.GEMINI_GROUP: "backups", keys.GEMINI_TIMESTAMP: "1"}
    others = [
        snapshot_of(by_hand["name"], annotations=by_hand["annotations"], labels=by_hand["labels"]),
        snapshot_of("safety", annotations=notes | {keys.GEMINI_RESTORE: "1", keys.REQUEST: "uid"}),
    ]
    newest = max(map(taken_at, group.snapshots))
    assert gemini(group.group, group.snapshots + others, newest + MINUTE).deletes == frozenset()


def test_the_model_deletes_all_history_of_a_reworded_tier_as_gemini_does() -> None:
    """The model is worth something only if it shows Gemini's known behaviour."""
    group = lived({"every": "hour", "keep": 4})
    reworded = group_of({"every": "1 hour", "keep": 4})
    found = gemini(reworded, group.snapshots, group.time)
    assert len(found.deletes) == len(group.snapshots) == 5
    assert found.takes_for == {"1 hour"}
