"""Velero's kinds (`velero.io/v1`, as Velero 1.18 ships them), as far as they are read.

Velero's field names are kept; times are RFC 3339 in whole seconds.
"""

from __future__ import annotations

from datetime import datetime

from holdfast.api.meta import Metadata, View
from holdfast.api.resource import Resource

VELERO_BACKUPS = Resource("velero.io", "v1", "backups", "Backup")
LOCATIONS = Resource("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation")
VELERO_SCHEDULES = Resource("velero.io", "v1", "schedules", "Schedule")
VELERO_RESTORES = Resource("velero.io", "v1", "restores", "Restore")
DOWNLOADS = Resource("velero.io", "v1", "downloadrequests", "DownloadRequest")
STATUS_REQUESTS = Resource("velero.io", "v1", "serverstatusrequests", "ServerStatusRequest")
DELETIONS = Resource("velero.io", "v1", "deletebackuprequests", "DeleteBackupRequest")
SECRETS = Resource("", "v1", "secrets", "Secret")


AVAILABLE, UNAVAILABLE = "Available", "Unavailable"


class KeyRef(View, frozen=True):
    name: str
    key: str


class ObjectStorage(View, frozen=True):
    bucket: str = ""
    prefix: str = ""
    ca_cert: str = ""
    ca_cert_ref: KeyRef | None = None


class LocationSpec(View, frozen=True):
    provider: str
    object_storage: ObjectStorage = ObjectStorage()
    config: dict[str, str] = {}
    credential: KeyRef | None = None
    default: bool = False
    access_mode: str = ""
    backup_sync_period: str | None = None
    validation_frequency: str | None = None


class LocationStatus(View, frozen=True):
    """What a server found out.

    Attributes:
        last_synced_revision: which store it was; a field that Velero no longer uses.
    """

    phase: str = ""
    message: str = ""
    last_validation_time: datetime | None = None
    last_synced_time: datetime | None = None
    last_synced_revision: str = ""


class Location(View, frozen=True):
    """A BackupStorageLocation."""

    metadata: Metadata
    spec: LocationSpec
    status: LocationStatus = LocationStatus()

    @property
    def available(self) -> bool:
        return self.status.phase == AVAILABLE

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written there, nor deleted."""
        return self.spec.access_mode == "ReadOnly"


class RestoreSource(View, frozen=True):
    backup_name: str = ""


class Restore(View, frozen=True):
    """A Restore, as far as it says of which backup."""

    metadata: Metadata
    spec: RestoreSource = RestoreSource()


class Progress(View, frozen=True):
    total_items: int = 0
    items_backed_up: int = 0


class BackupStatus(View, frozen=True):
    phase: str = ""
    format_version: str = ""
    start_timestamp: datetime | None = None
    completion_timestamp: datetime | None = None
    expiration: datetime | None = None
    errors: int = 0
    warnings: int = 0
    progress: Progress | None = None


class BackupSpec(View, frozen=True):
    storage_location: str = ""


class Backup(View, frozen=True):
    metadata: Metadata
    spec: BackupSpec = BackupSpec()
    status: BackupStatus = BackupStatus()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def taken(self) -> datetime | None:
        """When it began, or else when it was asked for."""
        return self.status.start_timestamp or self.metadata.creation_timestamp
