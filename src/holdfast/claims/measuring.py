"""The numbers that answer "does a restore need somebody?": in which state each one is, and since when."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge

from holdfast.policy.exchange import FINAL, Phase

if TYPE_CHECKING:
    from holdfast.claims.journal import Journal
    from holdfast.control.keys import Key

_LABELS = ["namespace", "restore", "claim", "state"]


class State(StrEnum):
    """What a restore means to somebody on call."""

    ACTIVE = "active"
    BLOCKED = "blocked"  # only a person can end the wait
    FAILED = "failed"  # refused or taken back, and nobody asked for that
    STOPPED = "stopped"  # cancelled or rolled back on request
    DONE = "done"


class RestoreMetrics:
    """The metric family of VolumeRestores: one series each, worth unix seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.since = Gauge(
            "holdfast_restore_since_timestamp_seconds",
            "When a restore came into the phase it is in, by the state that it means.",
            _LABELS,
            registry=registry,
        )
        self._shown: dict[Key, tuple[str, ...]] = {}

    def show(self, key: Key, journal: Journal) -> None:
        """Publish how a restore stands."""
        labels = (*key, journal.spec.claim_name, state_of(journal))
        if self._shown.get(key) != labels:
            self.forget(key)
        if journal.status.phases:
            self.since.labels(*labels).set(journal.status.phases[-1].at.timestamp())
            self._shown[key] = labels

    def forget(self, key: Key) -> None:
        """The restore is gone."""
        if labels := self._shown.pop(key, None):
            self.since.remove(*labels)


def state_of(journal: Journal) -> State:
    """What the journal's phase means."""
    phase, spec = journal.phase, journal.spec
    if journal.blocked and phase not in FINAL:
        return State.BLOCKED
    if phase in {Phase.DONE, Phase.SETTLE}:
        return State.DONE
    if phase in {Phase.FAILED, Phase.ROLLED_BACK}:
        return State.STOPPED if spec.cancel or spec.rollback else State.FAILED
    return State.ACTIVE
