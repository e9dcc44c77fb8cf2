"""BackupStorageLocations with a real S3 server and a folder: validated, synced, cleared of what was deleted."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from support.locations import BUCKET, NAMESPACE, SECRET, Shelf, event, made, new_shelf
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import PODS
from holdfast.api.velero import LOCATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_a_location_that_can_be_used_says_so_and_bears_an_identity(place: Place) -> None:
    shelf = await new_shelf(place.sandbox, place.client)
    status = await shelf.in_phase("Available")
    assert status["lastValidationTime"]
    assert (shelf.folder / "metadata/holdfast/location.json").exists()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"credential": {"name": "none", "key": "cloud"}}, "no Secret none"),
        ({"credential": {"name": SECRET, "key": "other"}}, "has no key other"),
        ({"credential": {"name": "a/../b", "key": "cloud"}}, "cannot be the name of a Secret"),
        ({"objectStorage": {"bucket": "no-such-bucket"}}, "no-such-bucket"),
        ({"provider": "tape"}, "provider 'tape' is not known"),
        ({"backupSyncPeriod": "soon"}, "spec.backupSyncPeriod: 'soon' is no length of time"),
    ],
)
async def test_a_location_that_cannot_be_used_says_why(place: Place, spec: dict[str, Any], said: str) -> None:
    shelf = await made(place.sandbox, place.client, **spec)
    status = await shelf.in_phase("Unavailable")
    assert said in status["message"]
    await place.client.delete(LOCATIONS, shelf.name, NAMESPACE)


async def test_folders_of_others_make_a_location_unavailable_until_they_are_gone(place: Place) -> None:
    shelf = await new_shelf(place.sandbox, place.client)
    (shelf.folder / "photos").mkdir()
    (shelf.folder / "photos" / "cat").write_text("meow")
    assert "photos" in (await shelf.in_phase("Unavailable"))["message"]
    shutil.rmtree(shelf.folder / "photos")
    await shelf.in_phase("Available")


async def test_a_corrected_location_becomes_available_at_once(place: Place) -> None:
    shelf = await made(
        place.sandbox, place.client, validationFrequency="0s", objectStorage={"bucket": "none"}
    )
    await shelf.in_phase("Unavailable")
    await shelf.change(objectStorage={"bucket": BUCKET, "prefix": shelf.name})
    await shelf.in_phase("Available")


async def test_backups_come_in_as_velero_brings_them_in(place: Place) -> None:
    shelf = await new_shelf(place.sandbox, place.client)
    name = f"{shelf.name}-nightly"
    owners = [
        {"apiVersion": "velero.io/v1", "kind": "Schedule", "name": "none", "uid": "1"},
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "none", "uid": "2"},
    ]
    theirs = {"hooks": {"resources": [{"name": "own you"}]}, "fromTheFuture": {"of": "another version"}}
    labels = {"team": "shop", keys.VELERO_LOCATION: "theirs"}
    shelf.put(name, spec=theirs, labels=labels, ownerReferences=owners, finalizers=["example.com/stay"])
    shelf.put(f"{shelf.name}-half", phase="Finalizing")
    (shelf.folder / "backups" / f"{shelf.name}-empty").mkdir()
    (shelf.folder / "backups" / f"{shelf.name}-empty" / "x").write_text("")

    backup = await shelf.came(name)

    assert backup["metadata"]["labels"] == {"team": "shop", keys.VELERO_LOCATION: shelf.name}
    assert not {"ownerReferences", "finalizers"} & backup["metadata"].keys()
    assert not theirs.keys() & backup["spec"].keys()
    assert backup["spec"]["storageLocation"] == shelf.name
    assert backup["status"]["phase"] == "Completed"
    await _synced_again(shelf)
    assert await shelf.backup(f"{shelf.name}-half") is None
    assert await shelf.backup(f"{shelf.name}-empty") is None


async def test_what_cannot_be_read_keeps_nothing_else_out(place: Place) -> None:
    shelf = await new_shelf(place.sandbox, place.client)
    torn = shelf.folder / "backups" / f"{shelf.name}-a"
    torn.mkdir(parents=True)
    (torn / "velero-backup.json").write_text("{")
    shelf.put(f"{shelf.name}-b")
    await shelf.came(f"{shelf.name}-b")
    assert "velero-backup.json" in await event(shelf.client, shelf.name, "Unreadable")


async def test_a_backup_that_was_deleted_elsewhere_goes_while_most_are_there(place: Place) -> None:
    shelf = await new_shelf(place.sandbox, place.client)
    names = [f"{shelf.name}-{letter}" for letter in "abc"]
    for name in names:
        shelf.put(name)
    for name in names:
        await shelf.came(name)
    shutil.rmtree(shelf.folder / "backups" / names[0])
    await shelf.went(names[0])

    for name in names[1:]:
        shutil.rmtree(shelf.folder / "backups" / name)
    assert "vanished at once" in await event(shelf.client, shelf.name, "OrphansKept")
    assert await shelf.backup(names[1])


async def test_another_store_behind_the_same_name_takes_no_backup_away(place: Place) -> None:
    shelf = await new_shelf(place.sandbox, place.client)
    names = [f"{shelf.name}-{letter}" for letter in "abc"]
    for name in names:
        shelf.put(name)
    for name in names:
        await shelf.came(name)
    await _synced_again(shelf)
    shutil.rmtree(shelf.folder / "metadata")
    shutil.rmtree(shelf.folder / "backups" / names[0])
    assert "another store" in await event(shelf.client, shelf.name, "OrphansKept")
    assert await shelf.backup(names[0])


async def test_a_folder_is_a_location_too(place: Place, tmp_path: Path) -> None:
    shelf = await new_shelf(place.sandbox, place.client, tmp_path)
    shelf.put(f"{shelf.name}-a")
    await shelf.came(f"{shelf.name}-a")
    assert (tmp_path / "metadata/holdfast/location.json").exists()


async def test_nothing_is_done_beside_a_real_velero_until_it_has_gone(place: Place) -> None:
    shelf = await new_shelf(place.sandbox, place.client)
    container = {
        "name": "velero",
        "image": "velero/velero:v1.18.2",
        "command": ["/velero"],
        "args": ["server"],
    }
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "velero-0", "namespace": NAMESPACE},
        "spec": {"containers": [container], "schedulerName": "none"},
    }
    await place.client.create(PODS, body)
    try:
        assert "pod velero/velero-0" in await event(shelf.client, shelf.name, "LeftAlone")
        shelf.put(f"{shelf.name}-a")
    finally:
        await place.client.delete(PODS, "velero-0", NAMESPACE)
    await shelf.came(f"{shelf.name}-a")


async def _synced_again(shelf: Shelf) -> None:
    """Wait until the location was synced at a later second than now."""
    before = (await shelf.object())["status"].get("lastSyncedTime", "")

    async def later() -> bool:
        return bool((await shelf.object())["status"].get("lastSyncedTime", "") > before)

    await until(later)
    before = (await shelf.object())["status"]["lastSyncedTime"]
    await until(later)
