"""Files of a location: an address for each, good for one file and for a while."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import aiohttp
import pytest
from support.locations import NAMESPACE, Shelf, event, new_shelf
from support.waiting import until

from holdfast.api.velero import DOWNLOADS

if TYPE_CHECKING:
    from pathlib import Path

    from support.places import Place

pytestmark = pytest.mark.cluster


async def asked(shelf: Shelf, kind: str, name: str) -> str:
    """A DownloadRequest; its name."""
    request = f"download-{secrets.token_hex(4)}"
    body = {
        "apiVersion": DOWNLOADS.api_version,
        "kind": DOWNLOADS.kind,
        "metadata": {"name": request, "namespace": NAMESPACE},
        "spec": {"target": {"kind": kind, "name": name}},
    }
    await shelf.client.create(DOWNLOADS, body)
    return request


async def address(shelf: Shelf, kind: str, name: str) -> str:
    """What a DownloadRequest is answered with."""
    request = await asked(shelf, kind, name)

    async def answered() -> str:
        found = await shelf.client.get(DOWNLOADS, request, NAMESPACE)
        return str(found["status"]["downloadURL"])

    return await until(answered)


async def read(url: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.read()


async def saved(place: Place, folder: Path | None = None, **spec: object) -> tuple[Shelf, str]:
    """A location with a backup that has a log."""
    shelf = await new_shelf(place.sandbox, place.client, folder, **spec)
    shelf.put(name := f"{shelf.name}-a")
    (shelf.folder / "backups" / name / f"{name}-logs.gz").write_bytes(b"log")
    await shelf.came(name)
    return shelf, name


async def test_a_bucket_gives_the_address(place: Place) -> None:
    shelf, name = await saved(place)
    url = await address(shelf, "BackupLog", name)
    assert url.startswith(place.sandbox.s3_endpoint)
    assert await read(url) == (200, b"log")
    assert (await read(await address(shelf, "BackupResults", name)))[0] == 404


async def test_the_outside_may_know_a_bucket_by_another_name(place: Place) -> None:
    config = {"region": "us-east-1", "s3ForcePathStyle": "true", "s3Url": place.sandbox.s3_endpoint}
    outside = config | {"publicUrl": "https://s3.example.com"}
    shelf, name = await saved(place, config=outside)
    assert (await address(shelf, "BackupLog", name)).startswith(
        f"https://s3.example.com/holdfast/{shelf.name}/"
    )


async def test_the_operator_gives_the_address_of_what_lies_in_a_folder(place: Place, tmp_path: Path) -> None:
    shelf, name = await saved(place, tmp_path)
    url = await address(shelf, "BackupLog", name)

    assert await read(url) == (200, b"log")
    for altered in (url.replace("-logs.gz", ".tar.gz"), url.replace("until=1", "until=2"), url.split("&")[0]):
        assert altered != url
        assert (await read(altered))[0] == 403
    assert (await read(await address(shelf, "BackupResults", name)))[0] == 404


async def test_what_has_no_address_is_told_why(place: Place) -> None:
    shelf, name = await saved(place)
    for kind, of, why in (
        ("BackupLog", f"../{name}", "cannot be the name"),
        ("BackupLog", f"{name}-none", "not found"),
        ("RestoreLog", name, "not found"),
    ):
        assert why in await event(shelf.client, await asked(shelf, kind, of), "NoAddress")
