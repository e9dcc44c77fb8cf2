"""The numbers that the runtime publishes, all in one registry object and none in a global one."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0)


class Metrics:
    """Metric families of queues, reconciles, informers and leadership; unregistered without a registry."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        labels = ["controller"]
        self.depth = Gauge("holdfast_queue_depth", "Keys that wait for a worker.", labels, registry=registry)
        self.adds = Counter("holdfast_queue_adds", "Keys put into the queue.", labels, registry=registry)
        self.latency = Histogram(
            "holdfast_queue_latency_seconds",
            "From a key's arrival in the queue to its worker.",
            labels,
            registry=registry,
            buckets=_SECONDS,
        )
        self.duration = Histogram(
            "holdfast_reconcile_seconds",
            "How long reconciling one key took.",
            labels,
            registry=registry,
            buckets=_SECONDS,
        )
        self.errors = Counter(
            "holdfast_reconcile_errors", "Reconciles that raised.", labels, registry=registry
        )
        self.in_flight = Gauge("holdfast_reconcile_in_flight", "Keys in work.", labels, registry=registry)
        self.objects = Gauge("holdfast_informer_objects", "Objects cached.", ["resource"], registry=registry)
        self.lists = Counter(
            "holdfast_informer_lists", "Times a resource was listed anew.", ["resource"], registry=registry
        )
        self.leading = Gauge("holdfast_leading", "1 while this process leads.", registry=registry)
