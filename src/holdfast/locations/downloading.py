"""DownloadRequests: an address from which one file of a location can be read for ten minutes; then the request goes.

An answer says that the address was made, not that there is such a file: whoever reads it learns that.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from holdfast.api.requests import PROCESSED
from holdfast.api.resource import can_name
from holdfast.api.velero import DOWNLOADS, VELERO_BACKUPS, VELERO_RESTORES, Backup, Restore
from holdfast.archive import layout
from holdfast.control.controlling import Result
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.locations import opening
from holdfast.locations.clearing import clear
from holdfast.locations.errors import LocationError, NoLocationError
from holdfast.locations.validating import explained
from holdfast.policy.texts import instant
from holdfast.store.errors import NoAddressError, StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.requests import DownloadRequest
    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.locations.addressing import Addresses
    from holdfast.locations.caches import Caches

READABLE = timedelta(minutes=10)


class DownloadReconciler:
    """Answers DownloadRequests."""

    def __init__(
        self, client: Client, caches: Caches, clock: Clock, recorder: Recorder, addresses: Addresses | None
    ) -> None:
        self._client, self._caches, self._clock, self._recorder = client, caches, clock, recorder
        self._addresses = addresses

    async def reconcile(self, key: Key) -> Result:
        request = self._caches.downloads.cache.get(key)
        if request is None:
            return Result()
        now = self._clock.now()
        ends = request.status.expiration or (request.metadata.creation_timestamp or now) + READABLE
        if ends <= now:
            await clear(self._client, DOWNLOADS, request)
            return Result()
        if request.status.phase != PROCESSED:
            await self._answer(request)
        return Result(after=(ends - now).total_seconds())

    async def _answer(self, request: DownloadRequest) -> None:
        """Write the address; where there can be none, an Event says why: Velero's kind has no field for it."""
        meta = request.metadata
        ends = self._clock.now() + READABLE
        try:
            address = await self._address(request, ends)
            status = {"phase": PROCESSED, "downloadURL": address, "expiration": instant(ends)}
            await self._client.patch(DOWNLOADS, meta.name, {"status": status}, meta.namespace)
        except (errors.NotFound, LocationError, StoreError) as error:
            self._recorder.event(Reference.to(DOWNLOADS, request), "Warning", "NoAddress", explained(error))

    async def _address(self, request: DownloadRequest, ends: datetime) -> str:
        target, namespace = request.spec.target, request.metadata.namespace
        key = layout.asked_for(target.kind, _checked(target.name))
        if key is None:
            raise LocationError(f"{target.kind!r} is no kind of file that Velero 1.18 has")
        name = target.name
        if layout.is_of_restore(target.kind):
            name = (await self._client.get(VELERO_RESTORES, name, namespace, type=Restore)).spec.backup_name
        backup = await self._client.get(VELERO_BACKUPS, _checked(name), namespace, type=Backup)
        location = self._caches.location(namespace, backup.spec.storage_location)
        if location is None:
            raise NoLocationError(
                f"Backup {name} is in location {backup.spec.storage_location!r}, which is not there"
            )
        where = await opening.opened(self._client, location)
        try:
            return where.store.signed(key, READABLE)
        except NoAddressError:
            if self._addresses is None:
                raise
            return await self._addresses.of(location.metadata.name, key, ends)


def _checked(name: str) -> str:
    if not can_name(name):
        raise LocationError(f"{name!r} cannot be the name of a backup or a restore")
    return name
