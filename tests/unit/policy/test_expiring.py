from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from holdfast.policy.expiring import Kept, Place, hindrance, is_last, is_over
from holdfast.policy.removing import Doomed, refusal
from holdfast.policy.syncing import left, may_go, orphans, phase_here

NOW = datetime(2026, 11, 27, tzinfo=UTC)
HOUR = timedelta(hours=1)
FINE = Place(available=True, read_only=False)


def kept(name: str, age: int, phase: str = "Completed") -> Kept:
    return Kept(name, phase, NOW - age * HOUR, NOW)


def test_only_the_newest_whole_backup_of_a_schedule_outlives_its_time() -> None:
    backups = [kept("a", 3), kept("b", 2), kept("c", 1, "PartiallyFailed"), kept("d", 0, "Failed")]
    assert [is_last(backup, backups) for backup in backups] == [False, True, False, False]


def test_a_backup_of_no_schedule_does_not() -> None:
    assert not is_last(kept("a", 3), [])


def test_a_backup_goes_when_its_time_is_over_and_nobody_works_on_it() -> None:
    assert is_over(kept("a", 3), [], NOW)
    assert not is_over(kept("a", 3), [], NOW - HOUR)
    assert not is_over(Kept("a", "Completed", NOW, None), [], NOW)
    assert is_over(kept("a", 3, "Failed"), [kept("a", 3, "Failed")], NOW)
    assert not is_over(kept("a", 3), [kept("a", 3)], NOW)
    for phase in ("", "New", "Queued", "InProgress", "Finalizing", "Deleting"):
        assert not is_over(kept("a", 3, phase), [], NOW)


def test_what_keeps_expired_backups_is_said_as_velero_says_it() -> None:
    assert hindrance(None) == "BSLNotFound"
    assert hindrance(Place(available=True, read_only=True)) == "BSLReadOnly"
    assert hindrance(Place(available=False, read_only=True)) == "BSLUnavailable"
    assert hindrance(FINE) == ""


@pytest.mark.parametrize(
    ("phase", "here", "expired"),
    [
        ("Completed", "Completed", "Completed"),
        ("PartiallyFailed", "PartiallyFailed", "PartiallyFailed"),
        ("Failed", "Failed", "Failed"),
        ("Finalizing", "", "PartiallyFailed"),
        ("WaitingForPluginOperationsPartiallyFailed", "", "PartiallyFailed"),
        ("InProgress", "", ""),
        ("", "", ""),
    ],
)
def test_which_backups_come_in(phase: str, here: str, expired: str) -> None:
    assert phase_here(phase, NOW + HOUR, NOW) == here
    assert phase_here(phase, None, NOW) == here
    assert phase_here(phase, NOW, NOW) == expired


def test_orphans_are_ended_backups_that_the_location_lacks() -> None:
    known = {"a": "Completed", "b": "PartiallyFailed", "c": "InProgress", "d": "Failed", "e": "Completed"}
    assert orphans(known, {"e"}) == ["a", "b"]


def test_half_of_all_never_go_at_once() -> None:
    assert may_go(["a"], ["a", "b", "c"])
    assert not may_go(["a"], ["a", "b"])
    assert not may_go(["a"], ["a"])


def test_turns_are_counted_from_the_last_one() -> None:
    assert left(None, timedelta(), NOW) == timedelta()
    assert left(NOW - HOUR, timedelta(), NOW) is None
    assert left(NOW - HOUR, 3 * HOUR, NOW) == 2 * HOUR
    assert left(NOW - HOUR, timedelta(minutes=1), NOW) == timedelta(minutes=-59)


def test_a_backup_is_deleted_only_where_nothing_speaks_against_it() -> None:
    done = Doomed("1", "Completed", "default")
    assert refusal("a", "1", done, FINE) == refusal("a", "", done, FINE) == ""
    assert "is required" in refusal("", "", None, None)
    assert refusal("a", "1", None, None) == "backup not found"
    assert "another one" in refusal("a", "2", done, FINE)
    assert "still in progress" in refusal("a", "1", Doomed("1", "InProgress", "default"), FINE)
    assert "default not found" in refusal("a", "1", done, None)
    assert "read-only" in refusal("a", "1", done, Place(available=True, read_only=True))
    assert "unavailable" in refusal("a", "1", done, Place(available=False, read_only=False))
    assert refusal("a", "1", Doomed("1", "Deleting", "default"), FINE) == ""
