"""Backups deleted on request or because their time is over, and what keeps them."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from support.locations import NAMESPACE, Shelf, new_shelf
from support.waiting import until

from holdfast.api import keys
from holdfast.api.velero import DELETIONS, STATUS_REQUESTS, VELERO_BACKUPS
from holdfast.locations.answering import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster


@pytest_asyncio.fixture(loop_scope="session")
async def shelf(place: Place, tmp_path: Path) -> Shelf:
    """A folder as a location, with one backup that has the location's name."""
    made = await new_shelf(place.sandbox, place.client, tmp_path)
    made.put(made.name)
    await made.came(made.name)
    return made


async def asked(shelf: Shelf, backup: str, **labels: str) -> str:
    """A request to delete a backup; its name."""
    body = {
        "apiVersion": DELETIONS.api_version,
        "kind": DELETIONS.kind,
        "metadata": {"generateName": "delete-", "namespace": NAMESPACE, "labels": labels},
        "spec": {"backupName": backup},
    }
    made = await shelf.client.create(DELETIONS, body)
    return str(made["metadata"]["name"])


async def refused(shelf: Shelf, request: str) -> str:
    """Why it was not done."""

    async def said() -> str:
        status = (await shelf.client.get(DELETIONS, request, NAMESPACE))["status"]
        assert status["phase"] == "Processed"
        (error,) = status["errors"]
        return str(error)

    return await until(said)


async def untouched(shelf: Shelf) -> None:
    assert (shelf.folder / "backups" / shelf.name / "velero-backup.json").exists()
    assert (await shelf.came(shelf.name))["status"]["phase"] == "Completed"


async def test_what_is_not_there_is_said(shelf: Shelf) -> None:
    for name in (f"{shelf.name}-none", f"../backups/{shelf.name}"):
        assert await refused(shelf, await asked(shelf, name)) == "backup not found"
    await untouched(shelf)


async def test_nothing_is_deleted_in_a_location_that_is_read_only(shelf: Shelf) -> None:
    await shelf.change(accessMode="ReadOnly")
    assert "is read-only" in await refused(shelf, await asked(shelf, shelf.name))
    await untouched(shelf)


async def test_a_backup_in_progress_is_not_deleted(shelf: Shelf) -> None:
    name = f"{shelf.name}-busy"
    spec = {"storageLocation": shelf.name}
    body = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": spec,
        "status": {"phase": "InProgress"},
    }
    await shelf.client.create(VELERO_BACKUPS, body)
    try:
        assert "in progress" in await refused(shelf, await asked(shelf, name))
        assert await shelf.backup(name)
    finally:
        await shelf.client.delete(VELERO_BACKUPS, name, NAMESPACE)


async def test_another_backup_of_the_same_name_is_not_the_one_that_was_meant(shelf: Shelf) -> None:
    request = await asked(shelf, shelf.name, **{keys.VELERO_BACKUP_UID: "of-an-earlier-one"})
    assert "another one than was meant" in await refused(shelf, request)
    await untouched(shelf)


async def test_a_backup_with_contents_of_volumes_is_not_deleted(shelf: Shelf) -> None:
    volumes = [{"pvcName": "data", "pvcNamespace": "shop", "backupMethod": "CSISnapshot", "skipped": False}]
    file = shelf.folder / "backups" / shelf.name / f"{shelf.name}-volumeinfo.json.gz"
    file.write_bytes(gzip.compress(json.dumps(volumes).encode()))
    said = await refused(shelf, await asked(shelf, shelf.name))
    assert "holds contents of 1 volumes (CSISnapshot)" in said
    await untouched(shelf)


async def test_a_list_of_volumes_that_cannot_be_read_keeps_the_backup(shelf: Shelf) -> None:
    (shelf.folder / "backups" / shelf.name / f"{shelf.name}-volumeinfo.json.gz").write_bytes(b"no gzip")
    assert "volumeinfo" in await refused(shelf, await asked(shelf, shelf.name))
    await untouched(shelf)


async def expired(shelf: Shelf, name: str, started: str) -> None:
    status = {"expiration": "2026-02-01T00:00:00Z", "startTimestamp": started}
    await shelf.client.patch(VELERO_BACKUPS, name, {"status": status}, NAMESPACE)


async def test_an_expired_backup_goes_but_for_the_last_whole_one_of_its_schedule(shelf: Shelf) -> None:
    names = [f"{shelf.name}-{letter}" for letter in "xyz"]
    for name in names:
        shelf.put(name, labels={keys.VELERO_SCHEDULE: shelf.name})
    for number, name in enumerate(names):
        await shelf.came(name)
        await expired(shelf, name, f"2026-01-0{number + 1}T00:00:00Z")
    await shelf.went(names[0])
    await shelf.went(names[1])
    assert await shelf.backup(names[2])
    assert (shelf.folder / "backups" / names[2] / "velero-backup.json").exists()


async def test_an_expired_backup_that_cannot_go_bears_veleros_label(shelf: Shelf) -> None:
    await shelf.change(accessMode="ReadOnly")
    await until(lambda: _read_only(shelf))
    await expired(shelf, shelf.name, "2026-01-01T00:00:00Z")

    async def labelled() -> bool:
        labels: Manifest = (await shelf.came(shelf.name))["metadata"]["labels"]
        return bool(labels[keys.VELERO_GC_FAILURE] == "BSLReadOnly")

    await until(labelled)
    await untouched(shelf)


async def _read_only(shelf: Shelf) -> bool:
    """Whether the operator has looked at the location since it was changed."""
    found = await shelf.object()
    changed = max(
        entry["time"] for entry in found["metadata"]["managedFields"] if entry["manager"] == "tests"
    )
    return bool(found["status"]["lastValidationTime"] > changed)


async def test_the_version_is_told(shelf: Shelf) -> None:
    body = {
        "apiVersion": STATUS_REQUESTS.api_version,
        "kind": STATUS_REQUESTS.kind,
        "metadata": {"name": shelf.name, "namespace": NAMESPACE},
        "spec": {},
    }
    await shelf.client.create(STATUS_REQUESTS, body)

    async def told() -> bool:
        status = (await shelf.client.get(STATUS_REQUESTS, shelf.name, NAMESPACE))["status"]
        assert status["processedTimestamp"]
        return bool(status["phase"] == "Processed" and status["serverVersion"] == VERSION)

    await until(told)
