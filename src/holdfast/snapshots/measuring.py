"""The numbers that answer "am I safe?" for alerting: age of the newest ready snapshot, due but missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge

if TYPE_CHECKING:
    from holdfast.api.groups import GroupStatus
    from holdfast.control.keys import Key
    from holdfast.policy.decisions import Decision

_LABELS = ["namespace", "group"]


class GroupMetrics:
    """Metric families of SnapshotGroups; times are unix seconds, so that an age is `time() - metric`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"holdfast_group_{name}", text, _LABELS, registry=registry)

        self.newest = gauge(
            "newest_ready_timestamp_seconds", "When the newest ready snapshot was cut; 0: there is none."
        )
        self.ready = gauge("ready_snapshots", "Ready scheduled snapshots.")
        self.failed = gauge("failed_snapshots", "Snapshots that failed and are not removed yet.")
        self.overdue = gauge("overdue_tiers", "Tiers whose snapshot is due but missing.")
        self.safe = gauge("covered", "1 while the group does what its schedule promises.")
        self.period = gauge(
            "period_seconds", "The shortest time between two scheduled snapshots; 0: no schedule."
        )
        self.missed = gauge("missed_runs", "Runs that were passed over.")
        self.spread = gauge(
            "set_spread_seconds", "Time between the first and the last snapshot of the newest ready set."
        )
        self.taken = Counter("holdfast_group_snapshots_taken", "Snapshots taken.", _LABELS, registry=registry)
        self.retired = Counter(
            "holdfast_group_snapshots_retired", "Snapshots retired.", _LABELS, registry=registry
        )

    def show(self, key: Key, status: GroupStatus, decision: Decision) -> None:
        """Publish how a group stands."""
        safe = any(c.type == "Covered" and c.status == "True" for c in status.conditions)
        self.newest.labels(*key).set(status.newest_ready.timestamp() if status.newest_ready else 0)
        self.ready.labels(*key).set(status.ready)
        self.failed.labels(*key).set(status.failed)
        self.overdue.labels(*key).set(sum(state.overdue for state in decision.states))
        self.safe.labels(*key).set(safe)
        self.missed.labels(*key).set(status.missed)
        self.period.labels(*key).set(
            min((state.tier.span.total_seconds() for state in decision.states), default=0)
        )
        if status.newest_set:
            self.spread.labels(*key).set(status.newest_set.spread)
        for counter in (self.taken, self.retired):
            counter.labels(*key)

    def forget(self, key: Key) -> None:
        """The group is gone."""
        told = (self.newest, self.ready, self.failed, self.overdue, self.safe, self.missed, self.period)
        for family in (*told, self.spread, self.taken, self.retired):
            if key in family._metrics:  # noqa: SLF001  (remove() raises for labels that were never set)
                family.remove(*key)
