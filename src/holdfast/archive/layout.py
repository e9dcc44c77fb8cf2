"""Keys below a location's prefix, as Velero names them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

BACKUPS, RESTORES = "backups", "restores"
TOP = frozenset({BACKUPS, RESTORES, "restic", "kopia", "metadata", "plugins"})
"""Folders that a location may have; Velero refuses one that has others."""
IDENTITY = "metadata/holdfast/location.json"
"""Which location this is, whatever clusters call it; of those that Holdfast wrote into."""


@dataclass(frozen=True, slots=True)
class BackupKeys:
    """Where the parts of one backup are."""

    name: str

    @property
    def folder(self) -> str:
        return f"{BACKUPS}/{self.name}"

    @property
    def document(self) -> str:
        """The Backup object; a folder without it is no backup."""
        return f"{self.folder}/velero-backup.json"

    @property
    def contents(self) -> str:
        """The items, as a compressed tarball."""
        return f"{self.folder}/{self.name}.tar.gz"

    def side(self, name: str) -> str:
        """A side file: `logs.gz`, `results.gz`, `volumeinfo.json.gz` and so on."""
        return f"{self.folder}/{self.name}-{name}"

    @property
    def manifest(self) -> str:
        """A SHA-256 of every item; of backups that Holdfast made."""
        return self.side("holdfast-items.json.gz")

    @property
    def resource_list(self) -> str:
        """What is in the tarball, by kind. Velero 1.2 and later."""
        return self.side("resource-list.json.gz")


@dataclass(frozen=True, slots=True)
class RestoreKeys:
    """Where the files of one restore are."""

    name: str

    @property
    def folder(self) -> str:
        return f"{RESTORES}/{self.name}"

    def side(self, name: str) -> str:
        """A file: `logs.gz`, `results.gz` and so on; the list of volumes has a name of another form."""
        prefix = "" if name == VOLUMES else "restore-"
        return f"{self.folder}/{prefix}{self.name}-{name}"


VOLUMES = "volumeinfo.json.gz"
_OF_BACKUPS = {
    "BackupLog": "logs.gz",
    "BackupVolumeSnapshots": "volumesnapshots.json.gz",
    "BackupItemOperations": "itemoperations.json.gz",
    "BackupResourceList": "resource-list.json.gz",
    "BackupResults": "results.gz",
    "CSIBackupVolumeSnapshots": "csi-volumesnapshots.json.gz",
    "CSIBackupVolumeSnapshotContents": "csi-volumesnapshotcontents.json.gz",
    "BackupVolumeInfos": VOLUMES,
}
_OF_RESTORES = {
    "RestoreLog": "logs.gz",
    "RestoreResults": "results.gz",
    "RestoreResourceList": "resource-list.json.gz",
    "RestoreItemOperations": "itemoperations.json.gz",
    "RestoreVolumeInfo": VOLUMES,
}


def is_of_restore(kind: str) -> bool:
    """Whether a DownloadRequest of this kind names a restore, not a backup."""
    return kind in _OF_RESTORES


def asked_for(kind: str, name: str) -> str | None:
    """The key of what a DownloadRequest is about; None for a kind that Velero 1.18 does not have.

    Args:
        kind: `BackupContents`, `RestoreLog` and so on.
        name: of the backup or the restore.
    """
    if kind == "BackupContents":
        return BackupKeys(name).contents
    if side := _OF_BACKUPS.get(kind):
        return BackupKeys(name).side(side)
    return RestoreKeys(name).side(_OF_RESTORES[kind]) if kind in _OF_RESTORES else None
