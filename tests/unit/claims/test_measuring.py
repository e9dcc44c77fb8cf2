"""What is published about restores."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from holdfast.claims.journal import Journal
from holdfast.claims.measuring import RestoreMetrics, State, state_of
from holdfast.control.clocks import SystemClock
from holdfast.control.keys import Key
from holdfast.kube.access import Access
from holdfast.kube.client import Client
from holdfast.kube.credentials import Fixed, Identity

NOWHERE = Access(server="http://127.0.0.1:1", credentials=Fixed(Identity()))
KEY = Key("shop", "back")
BLOCKED = {"type": "Blocked", "status": "True", "reason": "NeedsDecision", "message": "choose"}
FAMILY = "holdfast_restore_since_timestamp_seconds"


def journal(phase: str, *, blocked: bool = False, **asked: bool) -> Journal:
    """A restore that came into its phase at second 60."""
    status = {
        "phase": phase,
        "phases": [{"phase": phase, "at": "1970-01-01T00:01:00Z"}],
        "conditions": [BLOCKED] if blocked else [],
    }
    raw: dict[str, Any] = {
        "metadata": {"name": KEY.name, "namespace": KEY.namespace},
        "spec": {"claimName": "data", "snapshotName": "s", **asked},
        "status": status,
    }
    return Journal(Client(NOWHERE), SystemClock(), raw)


@pytest.mark.parametrize(
    ("restore", "state"),
    [
        (journal("Quiesce"), State.ACTIVE),
        (journal("Create", blocked=True), State.BLOCKED),
        (journal("RollingBack", blocked=True, rollback=True), State.BLOCKED),
        (journal("Failed"), State.FAILED),
        (journal("RolledBack"), State.FAILED),
        (journal("Failed", cancel=True), State.STOPPED),
        (journal("RolledBack", rollback=True), State.STOPPED),
        (journal("Settle"), State.DONE),
        (journal("Done", blocked=True), State.DONE),
    ],
)
def test_a_state_says_whether_somebody_is_needed(restore: Journal, state: State) -> None:
    assert state_of(restore) is state


def test_a_restore_has_one_series_until_it_is_gone() -> None:
    registry = CollectorRegistry()
    metrics = RestoreMetrics(registry)
    for phase, state in (("Create", State.ACTIVE), ("Done", State.DONE)):
        metrics.show(KEY, journal(phase))
        (sample,) = (s for family in registry.collect() for s in family.samples if s.name == FAMILY)
        assert (sample.labels["state"], sample.value) == (state, 60)
    metrics.forget(KEY)
    assert not [s for family in registry.collect() for s in family.samples]
