"""Puts together what carries out Backups and Schedules, in one namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.keys import VELERO_SCHEDULE
from holdfast.api.meta import Named
from holdfast.api.resource import PODS
from holdfast.api.velero import LOCATIONS, VELERO_BACKUPS, VELERO_SCHEDULES
from holdfast.backups.reconciling import SaveReconciler, TurnReconciler
from holdfast.backups.scheduling import ScheduleReconciler
from holdfast.backups.sweeping import SweepReconciler
from holdfast.backups.views import AskedBackup
from holdfast.control.controlling import Controller
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.locations.rivals import Rivals, ServerPod, Yielding, is_velero

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.control.clocks import Clock
    from holdfast.control.controlling import Reconciler
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client

Part = Controller | Informer[Any]


def saving(
    client: Client, namespace: str, recorder: Recorder, clock: Clock, at_once: int
) -> tuple[Part, ...]:
    """Informers and controllers.

    Args:
        client: the cluster.
        namespace: of Velero's objects.
        recorder: tells users what happens.
        clock: says when a Schedule fires.
        at_once: so many backups are made at a time.
    """
    backups = _backups(client, namespace, recorder)
    locations = Informer(client, LOCATIONS, Named, namespace=namespace, optional=True)
    pods = Informer(client, PODS, ServerPod, namespace=namespace, keep=is_velero)
    rivals = Rivals(pods)

    def controller(name: str, inner: Reconciler, workers: int = 1) -> Controller:
        return Controller(name, Yielding(inner, rivals), workers=workers)

    turns = controller("turns", TurnReconciler(client, backups, at_once))
    turns.follow(backups, lambda _: [Key(namespace, "")])
    saves = controller("saves", SaveReconciler(client, backups), workers=at_once)
    saves.follow(backups)
    sweeps = controller("sweeps", SweepReconciler(client))
    sweeps.follow(locations)
    schedules = Informer(client, VELERO_SCHEDULES, Named, namespace=namespace, optional=True)
    fires = controller("schedules", ScheduleReconciler(client, clock, recorder))
    fires.follow(schedules)
    fires.follow(backups, _schedule_of)
    return backups, locations, schedules, pods, turns, saves, sweeps, fires


def _schedule_of(backup: AskedBackup) -> Iterable[Key]:
    name = backup.metadata.labels.get(VELERO_SCHEDULE)
    return [Key(backup.metadata.namespace, name)] if name else []


def _backups(client: Client, namespace: str, recorder: Recorder) -> Informer[AskedBackup]:
    def unreadable(key: Key, error: Exception) -> None:
        backup = Reference(VELERO_BACKUPS.api_version, VELERO_BACKUPS.kind, key.name, key.namespace)
        recorder.event(backup, "Warning", "Unreadable", f"this backup is not made: {error}")

    return Informer(
        client, VELERO_BACKUPS, AskedBackup, namespace=namespace, on_invalid=unreadable, optional=True
    )
