"""What is asked for when a set is to be restored: a restore for each claim, recorded before the first is created."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from unit.snapshots.simulating import START, group_of, snapshot_of, stamp

from holdfast.api.groups import RestoreSeen
from holdfast.snapshots.moments import Moment, read_moments
from holdfast.snapshots.requesting import (
    CREATING,
    mirror,
    refused,
    settled_on,
    snapshots_for,
    volume_restores,
)
from holdfast.snapshots.taking import scheduled_set
from holdfast.snapshots.views import RestoreGlance

WEB = group_of(persistentVolumeClaim={"statefulSet": "web"})
CLAIMS = ("data-web-0", "data-web-1")
NAMES = ["r-0", "r-1"]
MINUTE = timedelta(minutes=1)
ASKED = RestoreSeen(observed="latest", name="r", point="latest", phase=CREATING, started=START)


def moment() -> Moment:
    bodies = scheduled_set(WEB, CLAIMS, START, ())
    found = [
        snapshot_of(b["metadata"]["name"], annotations=b["metadata"]["annotations"], of=claim)
        for b, claim in zip(bodies, CLAIMS, strict=True)
    ]
    (one,) = read_moments(found)
    return one


def restore(
    name: str, phase: str = "", *, age: timedelta = timedelta(), of: list[str] = NAMES
) -> RestoreGlance:
    metadata = {"name": name, "creationTimestamp": stamp(START - age)}
    spec: dict[str, Any] = {"group": "backups", "point": "1", "set": {"members": of}}
    return msgspec.convert({"metadata": metadata, "spec": spec, "status": {"phase": phase}}, RestoreGlance)


def test_each_claim_of_the_set_gets_a_restore_that_knows_all_of_them() -> None:
    first, second = volume_restores(WEB, "r", "backups-1", snapshots_for(WEB, moment()))
    assert [first["metadata"]["name"], second["metadata"]["name"]] == NAMES
    assert [b["spec"]["claimName"] for b in (first, second)] == list(CLAIMS)
    assert [b["spec"]["snapshotName"] for b in (first, second)] == [
        s.metadata.name for s in moment().snapshots
    ]
    assert first["spec"]["set"] == second["spec"]["set"] == {"members": NAMES}


def test_a_group_of_one_claim_takes_its_own_snapshot_out_of_a_set() -> None:
    single = group_of(claim="data-web-1")
    assert snapshots_for(single, moment()) == {"data-web-1": moment().snapshots[1].metadata.name}


def test_what_was_asked_for_loosely_is_recorded_as_the_set_that_it_meant_then() -> None:
    seen = settled_on(ASKED, WEB, moment())
    assert (seen.observed, seen.point, seen.names) == ("latest", moment().shot.name, NAMES)


def test_as_long_as_one_of_them_is_not_there_they_are_being_created() -> None:
    seen = msgspec.structs.replace(ASKED, names=NAMES)
    assert mirror(seen, [restore("r-0", "Preflight")], START) == seen
    both = mirror(seen, [restore("r-0", "Settle"), restore("r-1", "Quiesce")], START)
    assert (both.name, both.names, both.phase, both.finished) == ("r", NAMES, "Quiesce", None)
    done = mirror(both, [restore("r-0", "Settle"), restore("r-1", "Settle")], START + MINUTE)
    assert (done.phase, done.finished) == ("Settle", START + MINUTE)


@pytest.mark.parametrize("age", [MINUTE, timedelta()])
def test_a_request_that_was_refused_is_told_until_there_is_a_younger_restore(age: timedelta) -> None:
    seen = refused(ASKED, "group backups has no snapshot 'x'", START)
    assert (seen.phase, seen.finished) == ("Failed", START)
    assert mirror(seen, [restore("old-0", "Done", age=age, of=["old-0"])], START) == seen
    younger = mirror(seen, [restore("new-0", "Done", age=-MINUTE, of=["new-0"])], START)
    assert (younger.phase, younger.message) == ("Done", "")
