"""Puts together what acts on BackupStorageLocations and on Velero's requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.velero import LOCATIONS, Backup
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.locations import expiring
from holdfast.locations.answering import StatusReconciler
from holdfast.locations.caches import BY_SCHEDULE, Caches
from holdfast.locations.deleting import DeletionReconciler
from holdfast.locations.downloading import DownloadReconciler
from holdfast.locations.expiring import ExpiryReconciler
from holdfast.locations.reconciling import LocationReconciler

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.control.controlling import Controller
    from holdfast.locations.addressing import Addresses
    from holdfast.operator.beside_velero import Beside


def locating(beside: Beside, workers: int, addresses: Addresses | None) -> tuple[Controller, ...]:
    """Controllers; they look at nothing outside the namespace of Velero's objects.

    Args:
        beside: that namespace.
        workers: so many objects of a kind are worked on at a time.
        addresses: makes addresses at the operator itself; None where it cannot be reached.
    """
    client, caches, clock, recorder = beside.client, beside.caches, beside.clock, beside.recorder

    def left_alone(key: Key, why: str) -> None:
        location = caches.locations.cache.get(key)
        if location:
            recorder.event(Reference.to(LOCATIONS, location), "Normal", "LeftAlone", why)

    locations = LocationReconciler(client, caches, clock, recorder)
    downloads = DownloadReconciler(client, caches, clock, recorder, addresses)
    versions = StatusReconciler(client, caches, clock)
    deletions = DeletionReconciler(client, caches, clock, recorder)
    expiry = beside.controller(
        "expiry", ExpiryReconciler(client, caches, clock), caches.backups, workers=workers
    )
    expiry.follow(caches.backups, lambda backup: _siblings(caches, backup))
    return (
        expiry,
        beside.controller("locations", locations, caches.locations, workers=workers, tell=left_alone),
        beside.controller("downloads", downloads, caches.downloads, workers=workers),
        beside.controller("versions", versions, caches.questions, workers=workers),
        beside.controller("deletions", deletions, caches.deletions, workers=workers),
    )


def _siblings(caches: Caches, backup: Backup) -> Iterable[Key]:
    """Others of the same schedule: one of them may have been the newest until now."""
    return [
        Key.of(other)
        for schedule in expiring.of_schedule(backup)
        for other in caches.backups.cache.by(BY_SCHEDULE, schedule)
    ]
