"""Which snapshots and sets can be tried, and what a run will make of one."""

from __future__ import annotations

from typing import Any

import msgspec
from unit.drills.examples import CREATED, MINUTE, drill

from holdfast.api import keys
from holdfast.api.drills import Trial
from holdfast.api.storage import Snapshot
from holdfast.drills.planning import planned
from holdfast.drills.sources import candidates

KAFKA = ("data-kafka-0", "data-kafka-1")


def snapshot(
    name: str, claim: str, minute: int = 0, *, of: tuple[str, ...] = (), ready: bool = True
) -> Snapshot:
    notes = {keys.GEMINI_GROUP: "db", keys.GEMINI_TIMESTAMP: "17"} | ({keys.SET: ",".join(of)} if of else {})
    body: dict[str, Any] = {
        "metadata": {"name": name, "uid": f"uid-{name}", "annotations": notes},
        "spec": {"source": {"persistentVolumeClaimName": claim}},
        "status": {"readyToUse": ready, "creationTime": (CREATED + minute * MINUTE).isoformat()},
    }
    return msgspec.convert(body, Snapshot)


def members(*, ready: bool = True, of: tuple[str, ...] = KAFKA) -> list[Snapshot]:
    first = snapshot("db-0-17", "data-kafka-0", of=of)
    return [first, snapshot("db-1-17", "data-kafka-1", 1, of=of, ready=ready)]


def test_a_set_is_tried_as_a_whole_and_is_as_old_as_its_last_snapshot() -> None:
    (found,) = candidates(members())
    assert (found.name, found.taken, found.whole) == ("db-17", CREATED + MINUTE, True)
    assert [(m.claim, m.snapshot) for m in found.members] == [
        ("data-kafka-0", "db-0-17"),
        ("data-kafka-1", "db-1-17"),
    ]


def test_a_set_that_is_not_ready_or_lacks_a_claim_is_not_tried() -> None:
    assert not candidates(members(ready=False))
    assert not candidates(members(of=(*KAFKA, "data-kafka-2")))
    assert not candidates(members()[:1])


def test_snapshots_of_one_claim_are_tried_each_by_itself() -> None:
    found = candidates([snapshot("db-1", "data"), snapshot("db-2", "data"), *members()])
    assert [(c.name, len(c.members)) for c in found] == [("db-1", 1), ("db-2", 1), ("db-17", 2)]


def test_each_claim_of_a_set_has_a_scratch_claim_of_its_own() -> None:
    (chosen,) = candidates(members())
    run = planned(drill(), Trial(slot=CREATED, started=CREATED), chosen)
    assert [part.scratch for part in run.parts] == [f"{run.scratch}-0", f"{run.scratch}-1"]
    assert run.trial.snapshot
    assert run.trial.snapshot.claims == list(KAFKA)


def test_a_set_of_one_claim_is_a_set_and_a_single_snapshot_is_none() -> None:
    (alone,) = candidates([snapshot("db-0-17", "data-kafka-0", of=KAFKA[:1])])
    (single,) = candidates([snapshot("db-17", "data")])
    trial = Trial(slot=CREATED, started=CREATED)
    runs = [planned(drill(), trial, chosen) for chosen in (alone, single)]
    assert [len(run.trial.snapshot.claims) for run in runs if run.trial.snapshot] == [1, 0]
    assert runs[1].parts[0].scratch == runs[1].scratch
