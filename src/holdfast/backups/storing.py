"""The files of one run into a store, so that no two runs of one backup are ever mixed. The calls block.

A run that was taken for dead may still send what it had begun. Therefore files are made only where there are none
(what a dead run had left was removed when the name was taken over), and the later of two runs finds out.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from holdfast.archive.layout import BackupKeys
from holdfast.archive.locations import BackupLocation
from holdfast.backups.errors import ExistsError
from holdfast.control.errors import SupersededError
from holdfast.store.errors import PresentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.store.stores import Store

AT_ONCE = 32 << 20
"""Bytes of a file that a store can be told to make only where there is none; larger ones go up in parts."""


def put(store: Store, key: str, content: bytes | IO[bytes], *, alone: bool) -> None:
    """Make one file.

    Args:
        store: where.
        key: which.
        content: bytes, or an open file, from where it stands.
        alone: nobody can have begun another run of this backup, as with a command.

    Raises:
        SupersededError: another run has made it.
    """
    try:
        store.put(key, content, absent=not alone and _size(content) <= AT_ONCE)
    except PresentError as error:
        raise SupersededError(f"{error}, from another run of this backup") from error


def finish(store: Store, name: str, document: Mapping[str, Any]) -> None:
    """Make the document, last of all files, which are this run's.

    One that a run of the same Backup has made in this very moment is replaced: it is of files that are gone.

    Raises:
        ExistsError: it is another Backup's.
    """
    key, body = BackupKeys(name).document, json.dumps(document, indent=2).encode()
    try:
        store.put(key, body, absent=True)
    except PresentError:
        there = BackupLocation(store).backup(name).document
        if there["metadata"].get("uid") != document["metadata"].get("uid"):
            raise ExistsError(f"{store.address} has a backup {name} by now: choose another name") from None
        store.put(key, body)


def _size(content: bytes | IO[bytes]) -> int:
    if isinstance(content, bytes):
        return len(content)
    here = content.tell()
    size = content.seek(0, 2)
    content.seek(here)
    return size
