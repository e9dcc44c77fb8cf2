"""The numbers that answer "do my backups restore?": when that was last proven, whether it is overdue, how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge

from holdfast.policy.proving import Result

if TYPE_CHECKING:
    from holdfast.api.drills import RestoreDrill
    from holdfast.control.keys import Key

_LABELS = ["namespace", "drill", "group"]


class DrillMetrics:
    """Metric families of RestoreDrills; times are unix seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"holdfast_drill_{name}", text, _LABELS, registry=registry)

        self.proven = gauge(
            "last_proven_timestamp_seconds", "When a restore was last proven; 0: it never was."
        )
        self.overdue = gauge("overdue", "1 while the last proof is older than the schedule promises.")
        self.failed = gauge("failed", "1 while the last run has failed.")
        self.duration = gauge("duration_seconds", "How long the last run took; 0: there was none.")
        self._shown: dict[Key, tuple[str, ...]] = {}

    def show(self, key: Key, drill: RestoreDrill) -> None:
        """Publish how a drill stands."""
        labels, status = (*key, drill.spec.group_name), drill.status
        if self._shown.get(key) != labels:
            self.forget(key)
        last = status.history[0] if status.history else None
        overdue = any(c.type == "Overdue" and c.status == "True" for c in status.conditions)
        took = (last.ended - last.started).total_seconds() if last and last.ended else 0
        self.proven.labels(*labels).set(status.last_proven.time.timestamp() if status.last_proven else 0)
        self.overdue.labels(*labels).set(overdue)
        self.failed.labels(*labels).set(last is not None and last.result == Result.FAILED)
        self.duration.labels(*labels).set(took)
        self._shown[key] = labels

    def forget(self, key: Key) -> None:
        """The drill is gone."""
        if labels := self._shown.pop(key, None):
            for family in (self.proven, self.overdue, self.failed, self.duration):
                family.remove(*labels)
