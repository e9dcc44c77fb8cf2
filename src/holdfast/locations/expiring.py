"""Backups whose time is over: a DeleteBackupRequest is made, or a label says why none can be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.velero import DELETIONS, VELERO_BACKUPS
from holdfast.control.controlling import Result
from holdfast.kube import errors
from holdfast.locations.caches import BY_SCHEDULE, place
from holdfast.locations.deleting import request_of
from holdfast.policy.expiring import Kept, hindrance, is_over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.velero import Backup
    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.kube.client import Client
    from holdfast.locations.caches import Caches

AGAIN = timedelta(hours=1)
"""Until one that has expired and is still there is looked at again; Velero looks as often."""


class ExpiryReconciler:
    """Looks at Backups for their time."""

    def __init__(self, client: Client, caches: Caches, clock: Clock) -> None:
        self._client, self._caches, self._clock = client, caches, clock

    async def reconcile(self, key: Key) -> Result:
        backup = self._caches.backups.cache.get(key)
        if backup is None or backup.status.expiration is None:
            return Result()
        now = self._clock.now()
        if is_over(_kept(backup), self._of_schedule(backup), now):
            await self._retire(backup)
        left = backup.status.expiration - now
        return Result(after=(min(left, AGAIN) if left > timedelta() else AGAIN).total_seconds())

    def _of_schedule(self, backup: Backup) -> Iterable[Kept]:
        schedule = backup.metadata.labels.get(keys.VELERO_SCHEDULE)
        return map(_kept, self._caches.backups.cache.by(BY_SCHEDULE, schedule)) if schedule else ()

    async def _retire(self, backup: Backup) -> None:
        location = self._caches.location(backup.metadata.namespace, backup.spec.storage_location)
        why = hindrance(place(location))
        try:
            await self._label(backup, why)
            if not why:
                name = f"expired-{backup.metadata.uid}"  # always the same: one backup expires once
                await self._client.create(DELETIONS, request_of(backup.metadata, name))
        except (errors.AlreadyExists, errors.NotFound):
            return

    async def _label(self, backup: Backup, why: str) -> None:
        if backup.metadata.labels.get(keys.VELERO_GC_FAILURE, "") != why:
            body = {"metadata": {"labels": {keys.VELERO_GC_FAILURE: why or None}}}
            await self._client.patch(VELERO_BACKUPS, backup.name, body, backup.metadata.namespace)


def of_schedule(backup: Backup) -> list[str]:
    """The value under which a backup is found among those of its schedule."""
    schedule = backup.metadata.labels.get(keys.VELERO_SCHEDULE, "")
    return [schedule] if schedule else []


def _kept(backup: Backup) -> Kept:
    return Kept(backup.name, backup.status.phase, backup.taken, backup.status.expiration)
