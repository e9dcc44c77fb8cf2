"""When Gemini's restore annotation asks for a restore, and when it is only written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from unit.snapshots.simulating import START, group_of, stamp

from holdfast.api import keys
from holdfast.api.groups import RestoreSeen, SnapshotGroup
from holdfast.snapshots.requesting import CREATING, executed_elsewhere, mirror, observe, volume_restore
from holdfast.snapshots.views import ClaimGlance, RestoreGlance

MINUTE = timedelta(minutes=1)


def asking(point: str | None, seen: dict[str, Any] | None = None, version: str = "1") -> SnapshotGroup:
    notes = {} if point is None else {keys.GEMINI_RESTORE: point}
    status = {} if seen is None else {"restore": seen}
    return group_of(metadata={"annotations": notes, "resourceVersion": version}, status=status)


def restore(name: str, phase: str = "", *, age: timedelta = timedelta(), point: str = "1") -> RestoreGlance:
    metadata = {"name": name, "creationTimestamp": stamp(START - age)}
    spec = {"claimName": "data", "group": "backups", "point": point}
    return msgspec.convert({"metadata": metadata, "spec": spec, "status": {"phase": phase}}, RestoreGlance)


@pytest.mark.parametrize("rival", [True, False])
@pytest.mark.parametrize("point", [None, "", "1600000000"])
def test_what_is_found_at_first_sight_is_only_written_down(point: str | None, *, rival: bool) -> None:
    assert observe(asking(point), START, rival=rival) == RestoreSeen(observed=point or "")


def test_a_change_asks_for_a_restore_under_a_name_that_is_written_down_first() -> None:
    seen = observe(asking("2", {"observed": "1"}), START, rival=False)
    assert (seen.observed, seen.point, seen.phase) == ("2", "2", CREATING)
    assert seen.name.startswith("backups-restore-")
    again = observe(asking("2", msgspec.to_builtins(seen)), START + MINUTE, rival=False)
    assert again == seen


def test_the_same_point_set_again_after_it_was_taken_away_is_another_request() -> None:
    first = observe(asking("1", {}, "7"), START, rival=False)
    cleared = observe(asking(None, msgspec.to_builtins(first), "8"), START, rival=False)
    assert cleared.observed == ""
    second = observe(asking("1", msgspec.to_builtins(cleared), "9"), START, rival=False)
    assert second.phase == CREATING
    assert second.name != first.name


def test_a_change_while_a_gemini_lives_is_its_business() -> None:
    seen = observe(asking("2", {"observed": "1"}), START, rival=True)
    assert seen == RestoreSeen(observed="2")
    assert observe(asking("2", msgspec.to_builtins(seen)), START, rival=False) == seen


def test_the_status_shows_the_newest_restore_and_keeps_when_it_ended() -> None:
    seen = RestoreSeen(observed="1", name="new", point="1", phase=CREATING, started=START)
    assert mirror(seen, [restore("old", "Done", age=MINUTE)], START) == seen
    running = mirror(seen, [restore("old", "Done", age=MINUTE), restore("new", "Quiesce")], START)
    assert (running.name, running.phase, running.finished) == ("new", "Quiesce", None)
    ended = mirror(running, [restore("new", "Settle")], START + MINUTE)
    assert ended.finished == START + MINUTE
    assert mirror(ended, [restore("new", "Done")], START + 2 * MINUTE).finished == START + MINUTE


@pytest.mark.parametrize("earlier", ["a", "z"])
def test_of_two_restores_of_one_second_the_one_that_was_asked_for_last_is_shown(earlier: str) -> None:
    seen = RestoreSeen(observed="2", name="m", point="2", phase=CREATING, started=START)
    shown = mirror(seen, [restore(earlier, "Failed"), restore("m", "Preflight", point="2")], START)
    assert (shown.name, shown.phase, shown.point) == ("m", "Preflight", "2")


@pytest.mark.parametrize("point", ["1600000000", "by-hand", "latest", "../other"])
def test_any_suffix_is_passed_on_as_it_is_and_the_restore_decides(point: str) -> None:
    body = volume_restore(asking(point), "name", point)
    assert body["spec"]["snapshotName"] == f"backups-{point}"
    assert body["spec"]["point"] == point
    assert body["metadata"]["finalizers"] == [keys.RESTORE_FINALIZER]


def test_a_long_group_name_leaves_room_for_the_request_s_name() -> None:
    metadata = {"name": "g" * 253, "annotations": {keys.GEMINI_RESTORE: "1"}}
    group = group_of(metadata=metadata, status={"restore": {}})
    assert len(observe(group, START, rival=False).name) <= 253


@pytest.mark.parametrize(
    ("uid", "point", "executed"),
    [
        pytest.param("another", "2", True, id="a Gemini made another claim from this point"),
        pytest.param("another", "1", False, id="the claim is another one, from an earlier point"),
        pytest.param(
            "known", "2", False, id="the claim is the one we know: the same point is asked for again"
        ),
    ],
)
def test_what_a_gemini_did_while_nobody_looked_is_not_done_again(
    uid: str, point: str, *, executed: bool
) -> None:
    status = {"restore": {"observed": "1"}, "claim": {"name": "data", "uid": "known"}}
    group = group_of(metadata={"annotations": {keys.GEMINI_RESTORE: "2"}}, status=status)
    metadata = {"name": "data", "uid": uid, "annotations": {keys.GEMINI_RESTORE: point}}
    claim = msgspec.convert({"metadata": metadata}, ClaimGlance)
    assert executed_elsewhere(group, claim) is executed
    assert not executed_elsewhere(group, None)
