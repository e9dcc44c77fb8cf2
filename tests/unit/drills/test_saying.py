"""What a run tells people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from unit.drills.examples import CREATED

from holdfast.api.drills import Part, Picked, Run, Trial
from holdfast.drills import saying
from holdfast.drills.views import CheckPod
from holdfast.drills.world import Found, Piece
from holdfast.policy.proving import Checks, Failure

RUN = Run(
    trial=Trial(slot=CREATED, started=CREATED, snapshot=Picked(name="db-1"), checks="Pod"),
    phase="Checking",
    scratch="proof-drill-1",
    parts=[Part(claim="db", snapshot="db-1", uid="u", scratch="proof-drill-1")],
)


def found(status: dict[str, Any] | None = None) -> Found:
    pod = msgspec.convert({"metadata": {"name": "p"}, "status": status}, CheckPod) if status else None
    return Found((), pod)


def ended(**terminated: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"containerStatuses": [{"state": {"terminated": terminated}}]}


def why(failure: Failure, status: dict[str, Any] | None = None) -> str:
    return saying.why(failure, (), RUN, found(status), timedelta(minutes=30))


def test_a_failed_command_is_quoted_with_its_exit_code() -> None:
    status = ended(exitCode=2, reason="Error", message="no table orders\n")
    assert why(Failure.CHECK, status) == "the check failed: exit code 2: no table orders"


def test_why_a_container_was_killed_is_said() -> None:
    assert why(Failure.CHECK, ended(exitCode=137, reason="OOMKilled")) == (
        "the check failed: exit code 137 (OOMKilled)"
    )


def test_a_pod_that_never_had_a_container_tells_why() -> None:
    assert why(Failure.CHECK, {"reason": "Evicted", "message": "low on disk"}) == (
        "the check failed: low on disk"
    )


def test_a_pod_that_the_kubelet_ended_was_too_late() -> None:
    status = {"reason": "DeadlineExceeded", "message": "Pod was active on the node longer than allowed"}
    assert why(Failure.CHECK, status) == "the check did not end within 30m"


@pytest.mark.parametrize("failure", [Failure.UNBOUND, Failure.LATE])
def test_what_a_pod_waits_for_is_said(failure: Failure) -> None:
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}
    status = {"containerStatuses": [{"state": waiting}]}
    assert why(failure, status).endswith("within 30m; its pod waits: ErrImagePull: no such image")
    unplaced = {"conditions": [{"type": "PodScheduled", "status": "False", "message": "no node has room"}]}
    assert why(failure, unplaced).endswith("; its pod waits: no node has room")


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_can_be_told_without_a_pod(failure: Failure) -> None:
    said = why(failure)
    assert said
    assert "{" not in said


def test_only_the_end_of_what_a_pod_said_is_kept() -> None:
    said = why(Failure.CHECK, ended(exitCode=1, message="x" * 5000 + "end"))
    assert said.endswith("xend")
    assert len(said) < saying.LONGEST + 100


def test_the_parts_of_a_set_that_failed_are_named() -> None:
    parts = [
        Part(claim=f"data-{n}", snapshot=f"db-{n}-1", uid="u", scratch=f"proof-drill-1-{n}") for n in "02"
    ]
    pieces = [Piece(part, None, None, None) for part in parts]
    said = saying.why(Failure.UNBOUND, pieces, RUN, found(), timedelta(minutes=30))
    assert said == "scratch claim proof-drill-1-0, proof-drill-1-2 had no volume within 30m"
    assert "db-0-1, db-2-1" in saying.why(Failure.SNAPSHOT, pieces, RUN, found(), timedelta(minutes=30))


def test_a_bound_claim_is_not_sold_as_looked_at_data() -> None:
    trial = msgspec.structs.replace(RUN.trial, checks=Checks.BINDING)
    said = saying.proof(msgspec.structs.replace(RUN, trial=trial), found())
    assert "nobody looked at the data" in said
