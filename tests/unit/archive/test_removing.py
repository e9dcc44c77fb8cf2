from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from obstore.store import LocalStore

from holdfast.archive.layout import BackupKeys, RestoreKeys, asked_for
from holdfast.archive.locations import BackupLocation
from holdfast.store.errors import UnreachableError
from holdfast.store.locating import from_folder
from holdfast.store.stores import Store

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {
    "BackupLog": "backups/a/a-logs.gz",
    "BackupContents": "backups/a/a.tar.gz",
    "BackupVolumeSnapshots": "backups/a/a-volumesnapshots.json.gz",
    "BackupItemOperations": "backups/a/a-itemoperations.json.gz",
    "BackupResourceList": "backups/a/a-resource-list.json.gz",
    "BackupResults": "backups/a/a-results.gz",
    "RestoreLog": "restores/a/restore-a-logs.gz",
    "RestoreResults": "restores/a/restore-a-results.gz",
    "RestoreResourceList": "restores/a/restore-a-resource-list.json.gz",
    "RestoreItemOperations": "restores/a/restore-a-itemoperations.json.gz",
    "CSIBackupVolumeSnapshots": "backups/a/a-csi-volumesnapshots.json.gz",
    "CSIBackupVolumeSnapshotContents": "backups/a/a-csi-volumesnapshotcontents.json.gz",
    "BackupVolumeInfos": "backups/a/a-volumeinfo.json.gz",
    "RestoreVolumeInfo": "restores/a/a-volumeinfo.json.gz",
}
"""Every kind of file that Velero 1.18 knows, and its key."""


class Breaking(Store):
    """One that stops after so many deletions."""

    left = 0

    def remove(self, keys: list[str]) -> None:
        for key in keys:
            if not self.left:
                raise UnreachableError(f"{self.address} failed at {key}")
            self.left -= 1
            super().remove([key])


def stored(folder: Path, *names: str) -> None:
    for name in names:
        keys = BackupKeys(name)
        for key in (keys.document, keys.contents, keys.side("logs.gz"), RestoreKeys(name).side("logs.gz")):
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_text("{}")


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_backup_goes_and_one_whose_name_begins_alike_stays(tmp_path: Path) -> None:
    stored(tmp_path, "a", "a-2", "ab")
    location = BackupLocation(from_folder(tmp_path))
    before = files(tmp_path)
    location.remove("a")
    location.remove_restore("a")
    gone = {key for key in before if key.split("/")[1] == "a"}
    assert files(tmp_path) == before - gone
    location.remove("a")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_document_is_there_until_all_else_is_gone(tmp_path: Path, count: int) -> None:
    stored(tmp_path, "a")
    store = Breaking(LocalStore(tmp_path), f"file:{tmp_path}")
    store.left = count
    with pytest.raises(UnreachableError):
        BackupLocation(store).remove("a")
    assert BackupKeys("a").document in files(tmp_path)
    store.left = 3
    BackupLocation(store).remove("a")
    assert not {key for key in files(tmp_path) if key.startswith("backups/")}


@pytest.mark.parametrize(("kind", "key"), KINDS.items())
def test_each_kind_of_file_has_veleros_key(kind: str, key: str) -> None:
    assert asked_for(kind, "a") == key


def test_an_unknown_kind_has_none() -> None:
    assert asked_for("BackupSecrets", "a") is None
