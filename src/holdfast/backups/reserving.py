"""The name of a backup in a location, kept for one run until its document says that it is taken for good.

A small object, created only if there is none, says whose the files without a document are: the Backup object's that
is being carried out. So a run that was killed is known for what it was, by the next run of the same Backup, which
writes the same files again, and by `sweep`, which removes those of a Backup that is gone. The calls block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.meta import View
from holdfast.archive.errors import DamagedError
from holdfast.archive.layout import BackupKeys
from holdfast.archive.locations import BackupLocation
from holdfast.backups.errors import ExistsError
from holdfast.store.errors import PresentError

if TYPE_CHECKING:
    from holdfast.store.stores import Store

FOLDER = "metadata/holdfast/runs"


class Owner(View, frozen=True):
    """Whose run it is.

    Attributes:
        uid: of the Backup object, or of a command's run, which has none.
        namespace: where the Backup object is; empty for a command.
        cluster: UID of namespace kube-system there; empty for a command.
    """

    uid: str
    namespace: str = ""
    cluster: str = ""


class Reservation:
    """One name in one location."""

    def __init__(self, store: Store, name: str, owner: Owner) -> None:
        self._store, self._name, self._owner = store, name, owner

    def take(self) -> dict[str, Any] | None:
        """Reserve the name; gives the document of the very backup if a run of ours that died had finished it.

        A Velero writes its document before the rest: one of the same object may be all that it could write.

        Raises:
            ExistsError: the location has something of that name which is another's.
            DamagedError: what it has cannot be read.
        """
        fresh = self._reserve()
        files, keys = _files(self._store, self._name), BackupKeys(self._name)
        if keys.document in files:
            document = BackupLocation(self._store).backup(self._name).document
            self.release()
            ours = keys.manifest in files
            if ours and document["metadata"].get("uid") == self._owner.uid:
                return document
        elif not (files and fresh):
            self._store.remove(sorted(files))  # what a run of ours had left
            return None
        self.release()
        raise ExistsError(f"{self._store.address} has a backup {self._name} already: choose another name")

    def release(self) -> None:
        """The name is taken for good, or not wanted any more."""
        self._store.remove([_key(self._name)])

    def give_up(self) -> None:
        """Leave nothing behind of a run that has not finished."""
        clear(self._store, self._name)

    def _reserve(self) -> bool:
        """Whether this is the first run of its owner."""
        try:
            self._store.put(_key(self._name), msgspec.json.encode(self._owner), absent=True)
        except PresentError:
            if (other := owner(self._store, self._name)) != self._owner:
                whose = f"Backup {other.uid}" if other.cluster else "a command"
                raise ExistsError(
                    f"{self._store.address} keeps the name {self._name} for a backup that {whose} is making: choose "
                    f"another name, or remove {_key(self._name)} if that has died"
                ) from None
            return False
        return True


def reserved(store: Store) -> list[str]:
    """Names that are kept for a run."""
    return [name.removesuffix(".json") for name in store.names(FOLDER)]


def owner(store: Store, name: str) -> Owner:
    """Who keeps a name.

    Raises:
        AbsentError: nobody, by now.
        DamagedError: that cannot be read.
    """
    try:
        return msgspec.json.decode(b"".join(store.chunks(_key(name))), type=Owner)
    except msgspec.MsgspecError as error:
        raise DamagedError(f"{_key(name)} cannot be read: {error}") from None


def clear(store: Store, name: str) -> None:
    """Remove the files of a run, unless a document has made them a backup; then its reservation."""
    files = _files(store, name)
    store.remove([] if BackupKeys(name).document in files else files)
    store.remove([_key(name)])


def _files(store: Store, name: str) -> list[str]:
    folder = BackupKeys(name).folder
    return [f"{folder}/{file}" for file in store.names(folder)]


def _key(name: str) -> str:
    return f"{FOLDER}/{name}.json"
