"""Files of two runs of one backup are never mixed."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from holdfast.archive.layout import BackupKeys
from holdfast.backups import storing
from holdfast.backups.errors import ExistsError
from holdfast.control.errors import SupersededError
from holdfast.store.locating import from_folder

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast.store.stores import Store

KEYS = BackupKeys("nightly")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return from_folder(tmp_path)


def content(store: Store, key: str) -> bytes:
    return b"".join(store.chunks(key))


def document(uid: str, **status: str) -> dict[str, Any]:
    return {"metadata": {"name": "nightly", "uid": uid}, "status": status}


@pytest.mark.parametrize("late", [b"late", BytesIO(b"late")])
def test_what_a_run_sends_late_replaces_nothing_of_another(store: Store, late: bytes | BytesIO) -> None:
    storing.put(store, KEYS.contents, b"newer", alone=False)
    with pytest.raises(SupersededError, match="another run of this backup"):
        storing.put(store, KEYS.contents, late, alone=False)
    assert content(store, KEYS.contents) == b"newer"


def test_a_file_that_is_open_is_sent_from_where_it_stands(store: Store) -> None:
    file = BytesIO(b"skipped, sent")
    file.seek(9)
    storing.put(store, KEYS.contents, file, alone=False)
    assert content(store, KEYS.contents) == b"sent"


def test_the_document_of_a_run_whose_files_are_gone_is_replaced(store: Store) -> None:
    storing.finish(store, "nightly", document("1", run="older"))
    storing.finish(store, "nightly", document("1", run="newer"))
    assert json.loads(content(store, KEYS.document))["status"] == {"run": "newer"}


def test_the_document_of_another_backup_is_not(store: Store) -> None:
    storing.finish(store, "nightly", document("1"))
    with pytest.raises(ExistsError, match="choose another name"):
        storing.finish(store, "nightly", document("2"))
    assert json.loads(content(store, KEYS.document))["metadata"]["uid"] == "1"
