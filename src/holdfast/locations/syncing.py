"""The backups of a location as Backup objects: those that are new come in, those that were deleted go.

One list of the store a time; only what the cluster does not know is read. PodVolumeBackups do not come in.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.velero import VELERO_BACKUPS, Backup
from holdfast.archive.errors import ArchiveError, NoBackupError
from holdfast.kube import errors
from holdfast.locations.caches import BY_LOCATION
from holdfast.locations.clearing import clear
from holdfast.locations.documents import brought_in
from holdfast.policy import syncing
from holdfast.policy.labelling import label_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from holdfast.api.velero import Location
    from holdfast.archive.locations import BackupLocation
    from holdfast.kube.client import Client
    from holdfast.locations.caches import Caches


@dataclass(frozen=True, slots=True)
class Sync:
    """One location to be synced.

    Attributes:
        same: whether the store is known to be the one of the last time.
        tell: is told what a person should know: a reason in one word, and a sentence.
    """

    client: Client
    caches: Caches
    location: Location
    where: BackupLocation
    same: bool
    tell: Callable[[str, str], None]

    async def run(self, now: datetime) -> None:
        """Bring in and take out.

        Raises:
            holdfast.store.errors.StoreError, holdfast.kube.errors.KubeError: one gave up; what was done stays.
        """
        before = {backup.name: backup for backup in self.caches.backups.cache.all()}
        stored = await asyncio.to_thread(self.where.names)
        await self._bring_in(sorted(set(stored) - before.keys() - self._leaving()), now)
        label = label_value(self.location.metadata.name)
        own = self.caches.backups.cache.by(BY_LOCATION, label)
        known = {backup.name: before[backup.name] for backup in own if backup.name in before}
        await self._take_out(known, set(stored))

    def _leaving(self) -> set[str]:
        """Backups that somebody wants deleted: they are not to come back."""
        return {request.spec.backup_name for request in self.caches.deletions.cache.all()}

    async def _bring_in(self, names: Iterable[str], now: datetime) -> None:
        made = [backup for name in names if (backup := await self._bring(name, now))]
        if made:  # some may have been deleted while they came in
            there = set(await asyncio.to_thread(self.where.names))
            for backup in made:
                if backup.name not in there:
                    await clear(self.client, VELERO_BACKUPS, backup)

    async def _bring(self, name: str, now: datetime) -> Backup | None:
        """Make the object of a backup, if it is to come in."""
        try:
            saved = await asyncio.to_thread(self.where.backup, name)
        except NoBackupError:
            return None
        except ArchiveError as error:
            self.tell("Unreadable", f"backup {name} does not come in: {error}")
            return None
        schedules = {(s.metadata.name, s.metadata.uid) for s in self.caches.schedules.cache.all()}
        body = brought_in(saved, self.location, schedules, now)
        try:
            return await self.client.create(VELERO_BACKUPS, body, strict=False, type=Backup) if body else None
        except errors.AlreadyExists:
            return None
        except (errors.Invalid, errors.BadRequest) as error:
            self.tell("Unreadable", f"backup {name} does not come in: {error.message}")
            return None

    async def _take_out(self, known: dict[str, Backup], stored: set[str]) -> None:
        gone = syncing.orphans({name: backup.status.phase for name, backup in known.items()}, stored)
        if not gone:
            return
        if not (self.same and syncing.may_go(gone, known)):
            why = (
                "half of them or more vanished at once"
                if self.same
                else "it may be another store than before"
            )
            some = ", ".join(gone[:3]) + (", …" if len(gone) > 3 else "")  # noqa: PLR2004
            self.tell(
                "OrphansKept",
                f"{len(gone)} of {len(known)} backups are no longer in {self.where.address} ({some}); their objects "
                f"stay, because {why}. If the backups are really gone, delete the objects",
            )
            return
        for name in gone:
            await clear(self.client, VELERO_BACKUPS, known[name], unchanged=True)


def of_location(backup: Backup) -> list[str]:
    """The value under which a backup is found among those of its location."""
    label = backup.metadata.labels.get(keys.VELERO_LOCATION, "")
    return [label] if label else []
