"""Keys below a location's prefix, as Velero names them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

BACKUPS = "backups"


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
