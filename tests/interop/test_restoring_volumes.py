"""Volumes that the real Velero saved as CSI snapshots come back with their bytes; others refuse or wait."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_asyncio
from cluster.cli.program import Program
from support.places import Place
from support.veleros import BUCKET, PREFIX, Velero, velero

from holdfast.api.resource import CLAIMS, CONTENTS, SNAPSHOT_CLASSES, SNAPSHOTS
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from cluster.cli.program import Ended

pytestmark = pytest.mark.cluster
FEATURE = "--features=EnableCSI"


class Shelf(NamedTuple):
    """Backup `nightly` of namespace shop, whose claim held `precious`."""

    place: Place
    velero: Velero

    async def restore(self, name: str, *flags: str) -> Ended:
        program = Program(self.place.sandbox.kubeconfig)
        mapping = f"--namespace-mappings=shop:{name}"
        return await program(
            *("restore", "create", name, "--from-backup=nightly", mapping, *flags, "-o", "json")
        )

    def at(self, namespace: str) -> Place:
        return Place(self.place.sandbox, self.place.client, namespace)

    @property
    def volumes(self) -> Path:
        """What the backup says about its volumes."""
        folder = self.place.sandbox.directory / "buckets" / BUCKET / PREFIX / "backups/nightly"
        return folder / "nightly-volumeinfo.json.gz"

    def rewrite(self, **fields: Any) -> None:  # noqa: ANN401  (fields of a document)
        entries = json.loads(gzip.decompress(self.volumes.read_bytes()))
        changed = [entry | fields for entry in entries]
        self.volumes.write_bytes(gzip.compress(json.dumps(changed).encode()))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    async with (
        Sandbox() as sandbox,
        Client(load_access(sandbox.kubeconfig), field_manager="tests") as client,
        velero(sandbox, tmp_path_factory.mktemp("velero"), FEATURE) as real,
    ):
        label = {"metadata": {"labels": {"velero.io/csi-volumesnapshot-class": "true"}}}
        for each in (await client.list(SNAPSHOT_CLASSES)).items[:1]:
            await client.patch(SNAPSHOT_CLASSES, each["metadata"]["name"], label)
        await sandbox.kubectl("create", "namespace", "shop")
        place = Place(sandbox, client, "shop")
        await place.claim(data="precious")
        await real(FEATURE, "backup", "create", "nightly", "--include-namespaces=shop", "--wait")
        backup = json.loads(await real("backup", "get", "nightly", "-o", "json"))
        assert backup["status"]["phase"] == "Completed", await real("backup", "logs", "nightly")
        await place.write_data("written since")
        yield Shelf(place, real)


async def test_a_claim_gets_a_volume_with_what_was_saved(shelf: Shelf) -> None:
    ended = await shelf.restore("copy")
    assert ended.code == 0, ended.json["errors"]
    copy = shelf.at("copy")
    await copy.bound()
    assert await copy.read_data() == "precious"
    assert await shelf.place.read_data() == "written since"
    (snapshot,) = (await copy.client.list(SNAPSHOTS, "copy")).items
    content = await copy.client.get(CONTENTS, snapshot["status"]["boundVolumeSnapshotContentName"])
    assert content["spec"]["deletionPolicy"] == "Retain", "the snapshot is the backup's"


async def test_a_second_time_gives_the_same_bytes_again(shelf: Shelf) -> None:
    await shelf.restore("first")
    first = shelf.at("first")
    await first.bound()
    await first.write_data("spoiled")
    ended = await shelf.restore("second")
    assert ended.code == 0, ended.err
    second = shelf.at("second")
    await second.bound()
    assert await second.read_data() == "precious"


async def test_a_claim_that_exists_keeps_its_volume_and_gets_no_snapshot(shelf: Shelf) -> None:
    before = await shelf.place.get(CLAIMS, "data")
    program = Program(shelf.place.sandbox.kubeconfig)
    ended = await program("restore", "create", "again", "--from-backup=nightly")
    assert ended.code == 0, ended.err
    assert await shelf.place.get(CLAIMS, "data") == before
    assert await shelf.place.read_data() == "written since"
    assert not (await shelf.place.client.list(SNAPSHOTS, "shop")).items


async def test_a_volume_that_cannot_be_read_refuses_before_anything_is_made(shelf: Shelf) -> None:
    saved = shelf.volumes.read_bytes()
    shelf.rewrite(backupMethod="PodVolumeBackup", csiSnapshotInfo=None)
    try:
        refused = await shelf.restore("refused")
        planned = await shelf.restore("planned", "--dry-run")
        waiting = await shelf.restore("waiting", "--allow-missing-volumes")
    finally:
        shelf.volumes.write_bytes(saved)
    assert refused.code == 4
    assert "claim shop/data: its files are in a repository of Velero's node agent" in refused.err
    names = await shelf.place.sandbox.kubectl("get", "namespaces", "-o", "name")
    assert "namespace/refused" not in names
    assert planned.code == 4
    assert "NOT RESTORABLE: claim shop/data" in json.dumps(planned.json["warnings"])
    assert waiting.code == 0, waiting.err
    claim = await shelf.at("waiting").get(CLAIMS, "data")
    assert "volumeName" not in claim["spec"]
    assert claim["spec"]["selector"]["matchLabels"] == {"holdfast.dev/held-by": "waiting"}


async def test_an_older_backup_without_a_list_of_volumes_is_not_taken_for_an_empty_one(shelf: Shelf) -> None:
    saved = shelf.volumes.read_bytes()
    native = shelf.volumes.with_name("nightly-volumesnapshots.json.gz")
    lists = native.read_bytes()
    volume = (await shelf.place.volume())["metadata"]["name"]
    shelf.volumes.unlink()
    native.write_bytes(gzip.compress(json.dumps([{"spec": {"persistentVolumeName": volume}}]).encode()))
    try:
        refused = await shelf.restore("older")
    finally:
        shelf.volumes.write_bytes(saved)
        native.write_bytes(lists)
    assert refused.code == 4
    assert "claim shop/data: its snapshot is one of a cloud's own" in refused.err
