"""A location and the backups in it."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import msgspec

from holdfast.api.velero import Backup
from holdfast.archive import streams, tarballs, volumes
from holdfast.archive.errors import DamagedError, NoBackupError, TooLargeError
from holdfast.archive.layout import BACKUPS, BackupKeys, RestoreKeys
from holdfast.archive.paths import ItemKey
from holdfast.store.errors import AbsentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdfast.archive.tarballs import Entry
    from holdfast.archive.volumes import VolumeInfo
    from holdfast.store.stores import Store

_SIDE = 64 << 20
"""Bytes of a side file that are read; Velero writes some kilobytes."""
_LINE = 4096
"""Bytes of one line of it; a name has 253 at most."""
_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_LOG = 1 << 30
"""Bytes of a log that are read, line by line."""
_MANIFEST = 1 << 30
"""Bytes of the list of checksums that are read, line by line: five million items."""


class SavedBackup:
    """One backup in a store. Nothing of it is kept in memory but the Backup object."""

    def __init__(self, store: Store, view: Backup, document: dict[str, Any]) -> None:
        self.store = store
        self.view = view
        self.document = document
        """The Backup object with every field it has."""
        self.keys = BackupKeys(self.view.name)

    @property
    def name(self) -> str:
        return self.view.name

    @property
    def title(self) -> str:
        """What messages call its tarball."""
        return f"the tarball of backup {self.name}"

    def items(self) -> Iterator[Entry]:
        """Its items, each once; raises as `tarballs.items` and `Store.chunks`."""
        return tarballs.items(self.store.chunks(self.keys.contents), title=self.title)

    def entries(self) -> Iterator[Entry]:
        """Every file of its tarball that is an item; raises as `tarballs.entries` and `Store.chunks`."""
        return tarballs.entries(self.store.chunks(self.keys.contents), title=self.title)

    def manifest(self) -> Iterator[tuple[ItemKey, bytes]] | None:
        """The SHA-256 of every item, as they were written; None where the backup has no such list.

        Raises:
            DamagedError: it cannot be read.
        """
        key = self.keys.manifest
        if key.rpartition("/")[2] not in self.store.names(self.keys.folder):
            return None
        file = streams.Unzipped(self.store.chunks(key), title=key, most=_MANIFEST)
        return _sums(cast("BinaryIO", io.BufferedReader(file)), key)

    def contents(self) -> Iterator[bytes]:
        """The tarball as it is stored; raises as `Store.chunks`."""
        return self.store.chunks(self.keys.contents)

    def log(self) -> BinaryIO:
        """What the run that made it said; reading raises as `Store.chunks` and `streams.Unzipped`."""
        key = self.keys.side("logs.gz")
        return cast(
            "BinaryIO",
            io.BufferedReader(streams.Unzipped(self.store.chunks(key), title=key, most=_LOG)),
        )

    def resource_list(self) -> dict[str, list[str]] | None:
        """Kinds (`apps/v1/Deployment`) with names (`shop/web`); None where the backup has no such list.

        Raises:
            DamagedError: it cannot be read.
        """
        found: dict[str, list[str]] | None = self.side("resource-list.json.gz", dict[str, list[str]])
        return found

    def side(self, name: str, kind: Any) -> Any:  # noqa: ANN401  (a type, and a value of it)
        """A side file (`volumeinfo.json.gz`), decoded as a list or mapping; None where the backup has none.

        Raises:
            DamagedError: it cannot be read.
        """
        return _side(self.store, self.keys, name, kind)

    def volumes(self) -> list[VolumeInfo]:
        """The volumes that it met; raises as `side`."""
        return volumes.read(self.side)


class BackupLocation:
    """Backups below one prefix."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def address(self) -> str:
        return self.store.address

    def names(self) -> list[str]:
        """Names of the folders of backups, in order. A folder may be one of which the document is missing."""
        return self.store.folders(BACKUPS)

    def has(self, name: str) -> bool:
        """Whether anything lies where a backup of that name would lie."""
        return bool(self.store.names(BackupKeys(name).folder))

    def backup(self, name: str) -> SavedBackup:
        """One backup by its name.

        Raises:
            NoBackupError: there is none, or its document is missing (not finished, or half deleted).
            DamagedError: its document cannot be read, or is that of another backup.
        """
        key = BackupKeys(name).document
        try:
            data = b"".join(_limited(self.store.chunks(key), key))
        except AbsentError:
            raise NoBackupError(f"{self.address} has no backup {name}") from None
        view = _decoded(data, Backup, key)
        if view.name != name:
            raise DamagedError(f"{key} in {self.address} is the document of another backup: {view.name}")
        return SavedBackup(self.store, view, _decoded(data, dict[str, Any], key))

    def volumes(self, name: str) -> list[VolumeInfo]:
        """The volumes that a backup met, also of one without a document.

        Raises:
            DamagedError: a list of them cannot be read.
        """
        return volumes.read(partial(_side, self.store, BackupKeys(name)))

    def remove_restore(self, name: str) -> None:
        """Delete the files of a restore."""
        for keys in self.store.every(RestoreKeys(name).folder):
            self.store.remove(keys)

    def remove(self, name: str) -> None:
        """Delete the files of a backup, the document last: until then it can be deleted again."""
        keys = BackupKeys(name)
        for found in self.store.every(keys.folder):
            self.store.remove([key for key in found if key != keys.document])
        self.store.remove([keys.document])

    def backups(self, damaged: Callable[[DamagedError], None]) -> Iterator[SavedBackup]:
        """All of them, in the order of their names; what has no document is passed over, as Velero does.

        Args:
            damaged: told of each whose document cannot be read; the others are given nevertheless.
        """
        for name in self.names():
            try:
                yield self.backup(name)
            except NoBackupError:
                continue
            except DamagedError as error:
                damaged(error)


def _side(store: Store, keys: BackupKeys, name: str, kind: Any) -> Any:  # noqa: ANN401  (a type, and a value of it)
    key = keys.side(name)
    try:
        data = streams.unzipped(store.chunks(key), title=key, most=_SIDE)
    except AbsentError:
        return None
    return _decoded(data, kind | None, key) or kind()


def _sums(file: BinaryIO, key: str) -> Iterator[tuple[ItemKey, bytes]]:
    while line := file.readline(_LINE):
        digest, *place = _decoded(line, tuple[_Digest, str, str, str], key)
        yield ItemKey(*place), bytes.fromhex(digest)


def _limited(chunks: Iterator[bytes], key: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        if (size := size + len(chunk)) > _SIDE:
            raise TooLargeError(f"{key} is larger than {_SIDE >> 20} MiB")
        yield chunk


def _decoded(data: bytes, kind: Any, key: str) -> Any:  # noqa: ANN401  (a type, and a value of it)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise DamagedError(f"{key} cannot be read: {error}") from None
