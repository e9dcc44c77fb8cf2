"""DeleteBackupRequests: everything of a backup in its location, what was restored from it, then the objects.

The request and the Backup say what is under way before anything goes; the document goes last of the files, so that
whoever is killed leaves a backup that says Deleting, and does the rest when it is started again. Contents of volumes
that a Velero saved are not touched: a backup that has some is not deleted.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.requests import IN_PROGRESS, PROCESSED, DeleteBackupRequest
from holdfast.api.resource import can_name
from holdfast.api.velero import DELETIONS, VELERO_BACKUPS, VELERO_RESTORES, Backup, Restore
from holdfast.archive.errors import ArchiveError
from holdfast.control.controlling import Result
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.locations import opening
from holdfast.locations.caches import BY_BACKUP, place
from holdfast.locations.clearing import clear
from holdfast.locations.errors import LocationError, UnfitError
from holdfast.locations.validating import explained
from holdfast.policy.labelling import label_value
from holdfast.policy.removing import Doomed, refusal
from holdfast.policy.syncing import DELETING
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from holdfast.api.meta import Metadata
    from holdfast.archive.locations import BackupLocation
    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.locations.caches import Caches

KEPT = timedelta(hours=24)
"""How long a request that failed can be looked at."""


class DeletionReconciler:
    """Carries DeleteBackupRequests out."""

    def __init__(self, client: Client, caches: Caches, clock: Clock, recorder: Recorder) -> None:
        self._client, self._caches, self._clock, self._recorder = client, caches, clock, recorder

    async def reconcile(self, key: Key) -> Result:
        try:
            request = await self._client.get(DELETIONS, key.name, key.namespace, type=DeleteBackupRequest)
        except errors.NotFound:
            return Result()
        if request.status.phase == PROCESSED:
            return await self._keep(request)
        try:
            await self._carry_out(request)
        except (ArchiveError, LocationError, StoreError, errors.Forbidden) as error:
            await self._fail(request, explained(error))
        return Result()

    async def _keep(self, request: DeleteBackupRequest) -> Result:
        now = self._clock.now()
        left = (request.metadata.creation_timestamp or now) + KEPT - now
        if left > timedelta():
            return Result(after=left.total_seconds())
        await clear(self._client, DELETIONS, request)
        return Result()

    async def _carry_out(self, request: DeleteBackupRequest) -> None:
        name, meta = request.spec.backup_name, request.metadata
        backup = await self._backup(name, meta.namespace)
        meant = meta.labels.get(keys.VELERO_BACKUP_UID, "")
        if backup is None and request.status.phase == IN_PROGRESS:  # all but the last step was done
            await self._conclude(request, meant)
            return
        location = self._caches.location(meta.namespace, backup.spec.storage_location) if backup else None
        doomed = (
            Doomed(backup.metadata.uid, backup.status.phase, backup.spec.storage_location) if backup else None
        )
        if why := refusal(name, meant, doomed, place(location)):
            await self._fail(request, why)
        elif backup and location:
            where = await opening.opened(self._client, location)
            await _check_volumes(where, name)
            await self._announce(request, backup)
            await self._delete(where, backup)
            await self._conclude(request, backup.metadata.uid)

    async def _backup(self, name: str, namespace: str) -> Backup | None:
        if not can_name(name):
            return None
        try:
            return await self._client.get(VELERO_BACKUPS, name, namespace, type=Backup)
        except errors.NotFound:
            return None

    async def _announce(self, request: DeleteBackupRequest, backup: Backup) -> None:
        """Record what is about to go; from here on it is brought to its end."""
        meta = request.metadata
        labels = {
            keys.VELERO_BACKUP_NAME: label_value(backup.name),
            keys.VELERO_BACKUP_UID: backup.metadata.uid,
        }
        body = {"metadata": {"labels": labels}, "status": {"phase": IN_PROGRESS}}
        await self._client.patch(DELETIONS, meta.name, body, meta.namespace)
        unchanged = {"uid": backup.metadata.uid, "resourceVersion": backup.metadata.resource_version}
        leaving = {"metadata": unchanged, "status": {"phase": DELETING}}
        await self._client.patch(VELERO_BACKUPS, backup.name, leaving, meta.namespace)

    async def _delete(self, where: BackupLocation, backup: Backup) -> None:
        namespace = backup.metadata.namespace
        restores = await self._client.list(VELERO_RESTORES, namespace, type=Restore)
        made = [restore for restore in restores.items if restore.spec.backup_name == backup.name]
        for restore in made:
            await asyncio.to_thread(where.remove_restore, restore.metadata.name)
            await clear(self._client, VELERO_RESTORES, restore)
        await asyncio.to_thread(where.remove, backup.name)
        await clear(self._client, VELERO_BACKUPS, backup)

    async def _conclude(self, request: DeleteBackupRequest, uid: str) -> None:
        """The request goes, and so do all others for this very backup."""
        for each in self._caches.deletions.cache.by(BY_BACKUP, uid):
            await clear(self._client, DELETIONS, each)
        await clear(self._client, DELETIONS, request)

    async def _fail(self, request: DeleteBackupRequest, why: str) -> None:
        meta = request.metadata
        self._recorder.event(Reference.to(DELETIONS, request), "Warning", "NotDeleted", why)
        status = {"phase": PROCESSED, "errors": [why]}
        await self._client.patch(DELETIONS, meta.name, {"status": status}, meta.namespace)


async def _check_volumes(where: BackupLocation, name: str) -> None:
    """Refuse while there is something that would be left behind for ever.

    Raises:
        UnfitError: a Velero has saved contents of volumes.
    """
    volumes = await asyncio.to_thread(where.volumes, name)
    if held := [volume for volume in volumes if volume.saved_by]:
        methods = ", ".join(sorted({volume.saved_by for volume in held}))
        raise UnfitError(
            f"backup {name} holds contents of {len(held)} volumes ({methods}), which this version cannot delete: "
            "delete the backup with the Velero that made it"
        )


def request_of(backup: Metadata, name: str) -> dict[str, object]:
    """A DeleteBackupRequest for this very Backup.

    Args:
        backup: of the Backup object.
        name: of the request.
    """
    labels = {keys.VELERO_BACKUP_NAME: label_value(backup.name), keys.VELERO_BACKUP_UID: backup.uid}
    return {
        "apiVersion": DELETIONS.api_version,
        "kind": DELETIONS.kind,
        "metadata": {"name": name, "namespace": backup.namespace, "labels": labels},
        "spec": {"backupName": backup.name},
    }


def of_backup(request: DeleteBackupRequest) -> list[str]:
    """The value under which a request is found among those of its backup: the backup's UID."""
    uid = request.metadata.labels.get(keys.VELERO_BACKUP_UID, "")
    return [uid] if uid else []
