"""Velero's requests: objects by which its command line asks a server for something and gets an answer.

Kinds of `velero.io/v1`, as Velero 1.18 ships them, as far as they are read.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from holdfast.api.meta import Metadata, View

PROCESSED = "Processed"
IN_PROGRESS = "InProgress"


class Target(View, frozen=True):
    """A file: of which kind, of which backup or restore."""

    kind: str = ""
    name: str = ""


class DownloadSpec(View, frozen=True):
    target: Target = Target()


class DownloadStatus(View, frozen=True):
    phase: str = ""
    download_url: str = msgspec.field(name="downloadURL", default="")
    expiration: datetime | None = None


class DownloadRequest(View, frozen=True):
    """Somebody wants an address from which a file can be read for a while."""

    metadata: Metadata
    spec: DownloadSpec = DownloadSpec()
    status: DownloadStatus = DownloadStatus()


class ServerStatus(View, frozen=True):
    phase: str = ""
    processed_timestamp: datetime | None = None


class ServerStatusRequest(View, frozen=True):
    """Somebody wants to know which version answers."""

    metadata: Metadata
    status: ServerStatus = ServerStatus()


class DeletionSpec(View, frozen=True):
    backup_name: str = ""


class DeletionStatus(View, frozen=True):
    phase: str = ""
    errors: list[str] = []


class DeleteBackupRequest(View, frozen=True):
    """A backup shall go, with all that belongs to it."""

    metadata: Metadata
    spec: DeletionSpec = DeletionSpec()
    status: DeletionStatus = DeletionStatus()
