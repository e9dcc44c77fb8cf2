"""The Backup object while its backup is made: how far it is goes into it, and what became of it stops the run.

A run is known by the moment of its start, which stands in the object. Whoever takes a run for dead writes another
start over it, with the version that was read; the run that was not dead learns of it here.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.velero import VELERO_BACKUPS
from holdfast.backups.errors import SupersededError, WithdrawnError
from holdfast.backups.views import AskedBackup
from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.kube.client import Client

_EVERY = 1.0
"""Seconds between two looks at the object."""


class Run:
    """One run, from the object as it stood when it began."""

    def __init__(self, client: Client, raw: dict[str, Any]) -> None:
        self._client = client
        self.begun = msgspec.convert(raw, AskedBackup)
        self._items = self._told = 0

    def tell(self, _doing: str, items: int) -> None:
        """So far it is."""
        self._items = items

    async def confirm(self) -> AskedBackup:
        """Give the object as it is now.

        Raises:
            WithdrawnError: it is gone, or about to go.
            SupersededError: another run of it has begun.
        """
        meta = self.begun.metadata
        try:
            found = await self._client.get(VELERO_BACKUPS, meta.name, meta.namespace, type=AskedBackup)
        except errors.NotFound:
            raise WithdrawnError(f"Backup {meta.name} was deleted while it was made") from None
        if found.metadata.uid != meta.uid or found.metadata.deletion_timestamp:
            raise WithdrawnError(f"Backup {meta.name} was deleted while it was made")
        if found.status.start_timestamp != self.begun.status.start_timestamp:
            raise SupersededError(f"Backup {meta.name} is made by another operator")
        return found

    async def accompany(self) -> None:
        """Tell the object how far it is, until something stops the run. What fails is tried a second later."""
        while True:
            await asyncio.sleep(_EVERY)
            try:
                found = await self.confirm()
                if self._items != self._told:
                    progress = {"totalItems": self._items, "itemsBackedUp": self._items}
                    await self._write({"progress": progress}, found.metadata.resource_version)
                    self._told = self._items
            except errors.KubeError:
                continue

    async def end(self, status: dict[str, Any]) -> None:
        """Write what became of it. Tried again when somebody else wrote meanwhile.

        Raises:
            WithdrawnError, SupersededError: as `confirm`.
        """
        while True:
            found = await self.confirm()
            try:
                return await self._write(status, found.metadata.resource_version)
            except errors.Conflict:
                continue

    async def _write(self, status: dict[str, Any], version: str) -> None:
        meta = self.begun.metadata
        body = {"metadata": {"resourceVersion": version}, "status": status}
        await self._client.patch(VELERO_BACKUPS, meta.name, body, meta.namespace)


class Others:
    """Backups that another operator has taken over from this one, which then lives: they are left to it.

    Whether it still lives is judged by the local clock and by changes of the object, as with a Lease.
    """

    def __init__(self, patience: float) -> None:
        """None yet; who has not changed the object for `patience` seconds is dead."""
        self._patience = patience
        self._seen: dict[str, tuple[str, float]] = {}

    def note(self, backup: AskedBackup) -> None:
        """It has been taken over."""
        self._seen[backup.metadata.uid] = backup.metadata.resource_version, time.monotonic()

    def are_at(self, backup: AskedBackup) -> bool:
        """Whether another operator is at work on it."""
        version, since = self._seen.get(backup.metadata.uid, ("", 0.0))
        if not version:
            return False
        if version != backup.metadata.resource_version:
            self.note(backup)
            return True
        return time.monotonic() - since < self._patience
