"""What runs have left in a location whose Backup object is gone: nobody would finish or remove it.

Looked at when the operator starts, and each hour. Only what was reserved from this cluster is meant; others share the
location.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from holdfast.api.resource import NAMESPACES
from holdfast.api.velero import LOCATIONS, VELERO_BACKUPS, Location
from holdfast.archive.errors import DamagedError
from holdfast.backups import reserving
from holdfast.backups.reconciling import DUE
from holdfast.backups.views import AskedBackup
from holdfast.control.controlling import Result
from holdfast.kube import errors
from holdfast.locations import opening
from holdfast.locations.errors import LocationError
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from holdfast.backups.reserving import Owner
    from holdfast.control.keys import Key
    from holdfast.kube.client import Client
    from holdfast.store.stores import Store

AGAIN = 3600.0
"""Seconds until a location is looked at again in any case."""
logger = structlog.get_logger()


class SweepReconciler:
    """Sweeps one BackupStorageLocation."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._swept: dict[Key, float] = {}

    async def reconcile(self, key: Key) -> Result:
        left = self._swept.get(key, -AGAIN) + AGAIN - time.monotonic()
        if left > 0:
            return Result(after=left)
        self._swept[key] = time.monotonic()
        try:
            location = await self._client.get(LOCATIONS, key.name, key.namespace, type=Location)
            if not location.read_only:
                await self._sweep((await opening.opened(self._client, location)).store)
        except errors.NotFound:
            del self._swept[key]
            return Result()
        except (StoreError, LocationError) as error:
            del self._swept[key]
            logger.info("not swept", location=str(key), reason=str(error))
        return Result(after=AGAIN)

    async def _sweep(self, store: Store) -> None:
        cluster = await self._client.get(NAMESPACES, "kube-system")
        for name in await asyncio.to_thread(reserving.reserved, store):
            try:
                owner = await asyncio.to_thread(reserving.owner, store, name)
            except (StoreError, DamagedError):
                continue
            if owner.cluster == cluster["metadata"]["uid"] and not await self._is_wanted(name, owner):
                await asyncio.to_thread(reserving.clear, store, name)
                logger.info("swept", backup=name, store=store.address)

    async def _is_wanted(self, name: str, owner: Owner) -> bool:
        try:
            found = await self._client.get(VELERO_BACKUPS, name, owner.namespace, type=AskedBackup)
        except errors.NotFound:
            return False
        return found.metadata.uid == owner.uid and found.status.phase in DUE
