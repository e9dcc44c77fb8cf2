"""Puts together what carries out Backups and Schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.keys import VELERO_SCHEDULE
from holdfast.api.velero import VELERO_BACKUPS
from holdfast.backups.reconciling import SaveReconciler, TurnReconciler
from holdfast.backups.scheduling import ScheduleReconciler
from holdfast.backups.sweeping import SweepReconciler
from holdfast.backups.views import AskedBackup
from holdfast.control.informing import Informer
from holdfast.control.keys import Key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.operator.beside_velero import Beside, Part


def saving(beside: Beside, at_once: int) -> tuple[Part, ...]:
    """An informer and the controllers.

    Args:
        beside: the namespace of Velero's objects.
        at_once: so many backups are made at a time.
    """
    client, caches = beside.client, beside.caches
    backups = Informer(
        client,
        VELERO_BACKUPS,
        AskedBackup,
        namespace=beside.namespace,
        on_invalid=beside.unreadable(VELERO_BACKUPS, "this backup is not made"),
        optional=True,
    )
    turns = TurnReconciler(client, backups, at_once)
    schedules = beside.controller(
        "schedules", ScheduleReconciler(client, beside.clock, beside.recorder), caches.schedules
    )
    schedules.follow(backups, _schedule_of)
    return (
        backups,
        beside.controller("turns", turns, backups, key=lambda _: Key(beside.namespace, "")),
        beside.controller("saves", SaveReconciler(client, backups), backups, workers=at_once),
        beside.controller("sweeps", SweepReconciler(client), caches.locations),
        schedules,
    )


def _schedule_of(backup: AskedBackup) -> Iterable[Key]:
    name = backup.metadata.labels.get(VELERO_SCHEDULE)
    return [Key(backup.metadata.namespace, name)] if name else []
