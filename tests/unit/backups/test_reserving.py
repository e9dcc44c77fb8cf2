"""Whose the files of a backup without a document are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from holdfast.archive.errors import DamagedError
from holdfast.archive.layout import BackupKeys
from holdfast.backups.errors import ExistsError
from holdfast.backups.reserving import FOLDER, Owner, Reservation, clear, owner, reserved
from holdfast.store.locating import from_folder

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast.store.stores import Store

MINE, OTHERS = (
    Owner(uid="1", namespace="velero", cluster="c"),
    Owner(uid="2", namespace="velero", cluster="c"),
)
KEYS = BackupKeys("nightly")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return from_folder(tmp_path)


def files(store: Store) -> set[str]:
    return set(store.names(KEYS.folder))


def test_a_name_is_kept_for_one(store: Store) -> None:
    assert Reservation(store, "nightly", MINE).take() is None
    with pytest.raises(ExistsError, match=r"Backup 1 .*choose another name"):
        Reservation(store, "nightly", OTHERS).take()
    assert reserved(store) == ["nightly"]
    assert owner(store, "nightly") == MINE


def test_the_next_run_of_the_same_backup_begins_again_under_its_name(store: Store) -> None:
    Reservation(store, "nightly", MINE).take()
    store.put(KEYS.contents, b"half")
    assert Reservation(store, "nightly", MINE).take() is None
    assert reserved(store) == ["nightly"]
    assert files(store) == set(), "no file of a dead run is left for the next one"


def test_what_a_dead_run_had_finished_is_not_made_again(store: Store) -> None:
    Reservation(store, "nightly", MINE).take()
    document = {"metadata": {"name": "nightly", "uid": "1"}, "status": {"phase": "Completed"}}
    store.put(KEYS.manifest, b"")
    store.put(KEYS.document, json.dumps(document).encode())
    assert Reservation(store, "nightly", MINE).take() == document
    assert reserved(store) == []
    with pytest.raises(ExistsError):
        Reservation(store, "nightly", OTHERS).take()
    assert reserved(store) == []


def test_what_a_dead_velero_had_begun_is_not_taken_for_finished(store: Store) -> None:
    document = {"metadata": {"name": "nightly", "uid": "1"}, "status": {"phase": "Completed"}}
    store.put(KEYS.document, json.dumps(document).encode())
    with pytest.raises(ExistsError):
        Reservation(store, "nightly", MINE).take()


def test_files_of_nobody_known_are_left_alone(store: Store) -> None:
    store.put(KEYS.contents, b"whose")
    with pytest.raises(ExistsError):
        Reservation(store, "nightly", MINE).take()
    assert files(store) == {"nightly.tar.gz"}
    assert reserved(store) == []


def test_giving_up_leaves_nothing_and_never_takes_a_backup_away(store: Store) -> None:
    mine = Reservation(store, "nightly", MINE)
    mine.take()
    store.put(KEYS.contents, b"half")
    mine.give_up()
    assert (files(store), reserved(store)) == (set(), [])
    store.put(KEYS.contents, b"whole")
    store.put(KEYS.document, b"{}")
    clear(store, "nightly")
    assert files(store) == {"nightly.tar.gz", "velero-backup.json"}


def test_a_reservation_that_cannot_be_read_is_named(store: Store) -> None:
    store.put(f"{FOLDER}/nightly.json", b"{")
    with pytest.raises(DamagedError, match=FOLDER):
        Reservation(store, "nightly", MINE).take()
