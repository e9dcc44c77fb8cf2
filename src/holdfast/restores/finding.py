"""The backup that a Restore is from."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from holdfast.api.keys import VELERO_SCHEDULE
from holdfast.api.velero import VELERO_BACKUPS, Backup
from holdfast.kube import errors
from holdfast.locations import opening
from holdfast.policy.labelling import label_value
from holdfast.restores.errors import NoSourceError

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.archive.locations import SavedBackup
    from holdfast.kube.client import Client
    from holdfast.restores.views import AskedRestore


async def source(client: Client, asked: AskedRestore) -> SavedBackup:
    """The backup, opened.

    Raises:
        NoSourceError: there is none.
        holdfast.locations.errors.LocationError, holdfast.archive.errors.ArchiveError,
        holdfast.store.errors.StoreError: it cannot be reached or read.
    """
    namespace = asked.metadata.namespace
    backup = await _named(client, asked.spec.backup_name or await _newest(client, asked), namespace)
    location = await opening.find(client, backup.spec.storage_location, namespace)
    where = await opening.opened(client, location)
    return await asyncio.to_thread(where.backup, backup.name)


async def _named(client: Client, name: str, namespace: str) -> Backup:
    try:
        return await client.get(VELERO_BACKUPS, name, namespace, type=Backup)
    except errors.NotFound:
        raise NoSourceError(
            f"backup {name} does not exist: `velero backup get` lists those that do"
        ) from None


async def _newest(client: Client, asked: AskedRestore) -> str:
    """The newest Completed backup of a schedule, by its start, as with Velero."""
    schedule, namespace = asked.spec.schedule_name, asked.metadata.namespace
    labels = f"{VELERO_SCHEDULE}={label_value(schedule)}"
    listed = await client.list(VELERO_BACKUPS, namespace, labels=labels, type=Backup)
    whole = [(b.taken, b.name) for b in listed.items if b.status.phase == "Completed" and b.taken]
    if not whole:
        raise NoSourceError(f"schedule {schedule} has no Completed backup")
    newest: tuple[datetime, str] = max(whole)
    return newest[1]
