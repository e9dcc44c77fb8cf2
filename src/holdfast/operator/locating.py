"""Puts together what acts on BackupStorageLocations and on Velero's requests, in one namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.meta import Named
from holdfast.api.requests import DeleteBackupRequest, DownloadRequest, ServerStatusRequest
from holdfast.api.resource import PODS
from holdfast.api.velero import (
    DELETIONS,
    DOWNLOADS,
    LOCATIONS,
    STATUS_REQUESTS,
    VELERO_BACKUPS,
    VELERO_SCHEDULES,
    Backup,
    Location,
)
from holdfast.control.controlling import Controller
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.locations import deleting, expiring, syncing
from holdfast.locations.answering import StatusReconciler
from holdfast.locations.caches import BY_BACKUP, BY_LOCATION, BY_SCHEDULE, Caches
from holdfast.locations.deleting import DeletionReconciler
from holdfast.locations.downloading import DownloadReconciler
from holdfast.locations.expiring import ExpiryReconciler
from holdfast.locations.reconciling import LocationReconciler
from holdfast.locations.rivals import Rivals, ServerPod, Yielding, is_velero

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.control.clocks import Clock
    from holdfast.control.controlling import Reconciler
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.locations.addressing import Addresses
    from holdfast.operator.running import Options

Part = Controller | Informer[Any]


def locating(
    client: Client, recorder: Recorder, clock: Clock, options: Options, addresses: Addresses | None
) -> tuple[Part, ...]:
    """Informers and controllers; they look at nothing outside the namespace of Velero's objects."""
    namespace = options.velero_namespace
    caches = _caches(client, namespace, recorder)
    pods = Informer(client, PODS, ServerPod, namespace=namespace, keep=is_velero)
    rivals = Rivals(pods)

    def tell(key: Key, why: str) -> None:
        location = caches.locations.cache.get(key)
        if location:
            recorder.event(Reference.to(LOCATIONS, location), "Normal", "LeftAlone", why)

    def controller(name: str, inner: Reconciler, own: Informer[Any]) -> Controller:
        yielding = Yielding(inner, rivals, tell) if own is caches.locations else Yielding(inner, rivals)
        made = Controller(name, yielding, workers=options.workers)
        made.follow(own)
        made.follow(pods, lambda _: map(Key.of, own.cache.all()))
        return made

    downloads = DownloadReconciler(client, caches, clock, recorder, addresses)
    expiry = controller("expiry", ExpiryReconciler(client, caches, clock), caches.backups)
    expiry.follow(caches.backups, lambda backup: _siblings(caches, backup))
    return (
        pods,
        caches.locations,
        caches.backups,
        caches.schedules,
        caches.downloads,
        caches.questions,
        caches.deletions,
        expiry,
        controller("locations", LocationReconciler(client, caches, clock, recorder), caches.locations),
        controller("downloads", downloads, caches.downloads),
        controller("versions", StatusReconciler(client, caches, clock), caches.questions),
        controller("deletions", DeletionReconciler(client, caches, clock, recorder), caches.deletions),
    )


def _siblings(caches: Caches, backup: Backup) -> Iterable[Key]:
    """Others of the same schedule: one of them may have been the newest until now."""
    return [
        Key.of(other)
        for schedule in expiring.of_schedule(backup)
        for other in caches.backups.cache.by(BY_SCHEDULE, schedule)
    ]


def _caches(client: Client, namespace: str, recorder: Recorder) -> Caches:
    def unreadable(key: Key, error: Exception) -> None:
        location = Reference(LOCATIONS.api_version, LOCATIONS.kind, key.name, key.namespace)
        recorder.event(location, "Warning", "Unreadable", f"nothing is done for this location: {error}")

    return Caches(
        locations=Informer(
            client, LOCATIONS, Location, namespace=namespace, on_invalid=unreadable, optional=True
        ),
        backups=Informer(
            client,
            VELERO_BACKUPS,
            Backup,
            namespace=namespace,
            indexes={BY_SCHEDULE: expiring.of_schedule, BY_LOCATION: syncing.of_location},
            optional=True,
        ),
        schedules=Informer(client, VELERO_SCHEDULES, Named, namespace=namespace, optional=True),
        downloads=Informer(client, DOWNLOADS, DownloadRequest, namespace=namespace, optional=True),
        questions=Informer(client, STATUS_REQUESTS, ServerStatusRequest, namespace=namespace, optional=True),
        deletions=Informer(
            client,
            DELETIONS,
            DeleteBackupRequest,
            namespace=namespace,
            indexes={BY_BACKUP: deleting.of_backup},
            optional=True,
        ),
    )
