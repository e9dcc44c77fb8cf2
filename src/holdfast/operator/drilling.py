"""Puts together what runs restore drills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.drills import RestoreDrill
from holdfast.api.resource import PODS, RESTORE_DRILLS
from holdfast.control.controlling import Controller
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.drills.holding import HoldReconciler, of_drill, of_snapshot
from holdfast.drills.measuring import DrillMetrics
from holdfast.drills.reconciling import Caches, DrillReconciler
from holdfast.drills.views import CheckPod

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import CollectorRegistry

    from holdfast.api.groups import SnapshotGroup
    from holdfast.control.clocks import Clock
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.operator.running import Options
    from holdfast.snapshots import facts

Part = Controller | Informer[RestoreDrill] | Informer[CheckPod]


def drilling(
    client: Client,
    known: facts.Caches,
    recorder: Recorder,
    clock: Clock,
    registry: CollectorRegistry,
    options: Options,
) -> tuple[Part, ...]:
    """Informers and controllers, to be run beside those of the groups, whose caches they share."""
    drills = _drills(client, recorder)
    pods = Informer(client, PODS, CheckPod, labels=keys.DRILL)
    caches = Caches(drills, known.groups)
    reconciler = DrillReconciler(client, caches, clock, recorder, DrillMetrics(registry), options.image)
    runs = Controller("drills", reconciler, workers=options.workers)
    holds = Controller("holds", HoldReconciler(client, drills), workers=1)
    _connect(runs, drills, pods, known)
    holds.follow(drills, of_drill)
    holds.follow(known.snapshots, of_snapshot)
    return drills, pods, runs, holds


def _drills(client: Client, recorder: Recorder) -> Informer[RestoreDrill]:
    def unreadable(key: Key, error: Exception) -> None:
        drill = Reference(RESTORE_DRILLS.api_version, RESTORE_DRILLS.kind, key.name, key.namespace)
        recorder.event(drill, "Warning", "Unreadable", f"this drill does not run: {error}")

    indexes = {"uid": lambda d: [d.metadata.uid], "group": _by_group}
    return Informer(client, RESTORE_DRILLS, RestoreDrill, indexes=indexes, on_invalid=unreadable)


def _by_group(drill: RestoreDrill) -> Iterable[str]:
    return [str(Key(drill.metadata.namespace, drill.spec.group_name))]


def _connect(
    controller: Controller, drills: Informer[RestoreDrill], pods: Informer[CheckPod], known: facts.Caches
) -> None:
    def of_labels(labels: dict[str, str]) -> Iterable[Key]:
        return [Key.of(drill) for drill in drills.cache.by("uid", labels.get(keys.DRILL, ""))]

    def of_group(group: SnapshotGroup) -> Iterable[Key]:
        return [Key.of(drill) for drill in drills.cache.by("group", str(Key.of(group)))]

    controller.follow(drills)
    controller.follow(pods, lambda pod: of_labels(pod.metadata.labels))
    controller.follow(known.claims, lambda claim: of_labels(claim.metadata.labels))
    controller.follow(known.groups, of_group)
