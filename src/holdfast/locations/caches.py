"""What is known of the objects of Velero's namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.control.keys import Key
from holdfast.policy.expiring import Place

if TYPE_CHECKING:
    from holdfast.api.meta import Named
    from holdfast.api.requests import DeleteBackupRequest, DownloadRequest, ServerStatusRequest
    from holdfast.api.velero import Backup, Location
    from holdfast.control.informing import Informer

BY_SCHEDULE, BY_LOCATION, BY_BACKUP = "schedule", "location", "backup"


@dataclass(frozen=True, slots=True)
class Caches:
    """The informers of that namespace; backups are found by the names of their schedule and of their location."""

    locations: Informer[Location]
    backups: Informer[Backup]
    schedules: Informer[Named]
    downloads: Informer[DownloadRequest]
    questions: Informer[ServerStatusRequest]
    deletions: Informer[DeleteBackupRequest]

    def location(self, namespace: str, name: str) -> Location | None:
        return self.locations.cache.get(Key(namespace, name)) if name else None


def place(location: Location | None) -> Place | None:
    """A location as the decisions see it."""
    return Place(location.available, location.read_only) if location else None
