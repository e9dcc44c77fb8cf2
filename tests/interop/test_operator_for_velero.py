"""The real velero command line against our operator; no Velero server runs."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, NamedTuple

import pytest
import pytest_asyncio
import yaml
from cluster.cli.program import Program
from support.locations import NAMESPACE, Shelf, new_shelf
from support.veleros import Velero
from support.waiting import until

from holdfast.api.velero import DELETIONS, LOCATIONS, VELERO_RESTORES
from holdfast.api.velero_crds import manifests, plain
from holdfast.locations.answering import VERSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.operators import Operator

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster


class Desk(NamedTuple):
    """The command line, and a location in which the operator has found backup `name`."""

    velero: Velero
    shelf: Shelf
    name: str

    async def saved(self, name: str) -> None:
        """Another backup, which the operator has found."""
        program = Program(self.shelf.sandbox.kubeconfig)
        flags = ("--include-namespaces=default", "--location", self.shelf.name)
        ended = await program("backup", "create", name, *flags)
        assert ended.code == 0, ended.err
        await self.shelf.came(name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(
    sandbox: Sandbox, admin: Client, shared_operator: Operator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    if not shared_operator.alive:
        await shared_operator.start()
    velero = Velero(sandbox, tmp_path_factory.mktemp("velero"))
    shelf = await new_shelf(sandbox, admin)
    made = Desk(velero, shelf, f"{shelf.name}-a")
    await made.saved(made.name)
    yield made
    await admin.delete(LOCATIONS, shelf.name, NAMESPACE)


async def test_our_definitions_are_those_of_velero(desk: Desk) -> None:
    printed = await desk.velero("install", "--crds-only", "--dry-run", "-o", "yaml")
    assert manifests() == plain(yaml.safe_load_all(printed))


async def test_locations_are_listed(desk: Desk) -> None:
    rows = [line.split() for line in (await desk.velero("backup-location", "get")).splitlines()]
    (row,) = (row for row in rows if row[0] == desk.shelf.name)
    assert row[1:4] == ["aws", f"holdfast/{desk.shelf.name}", "Available"]
    assert row[-1] == "ReadWrite"


async def test_backups_are_listed_and_described(desk: Desk) -> None:
    assert "Completed" in await desk.velero("backup", "get", desk.name)
    described = await desk.velero("backup", "describe", desk.name, "--details", "--colorized=false")
    assert "Phase:  Completed" in described
    assert "v1/ConfigMap:\n    - default/kube-root-ca.crt" in described
    assert "<error" not in described


async def test_logs_are_fetched(desk: Desk) -> None:
    assert f"Holdfast began backup {desk.name}" in await desk.velero("backup", "logs", desk.name)


async def test_a_backup_is_downloaded(desk: Desk, tmp_path: Path) -> None:
    await desk.velero("backup", "download", desk.name, "-o", str(tmp_path / "tar.gz"))
    stored = desk.shelf.folder / "backups" / desk.name / f"{desk.name}.tar.gz"
    assert gzip.decompress((tmp_path / "tar.gz").read_bytes()) == gzip.decompress(stored.read_bytes())


async def test_the_version_is_told(desk: Desk) -> None:
    assert f"Version: {VERSION}" in await desk.velero("version", "--timeout=60s")


async def test_a_deleted_backup_goes_with_all_that_belongs_to_it_and_nothing_else(desk: Desk) -> None:
    name, neighbour = f"{desk.name}-gone", f"{desk.name}-gone-2"
    await desk.saved(name)
    await desk.saved(neighbour)
    await _restored(desk, f"{name}-r", name)
    await _restored(desk, f"{name}-r-2", neighbour)

    assert "submitted successfully" in await desk.velero("backup", "delete", name, "--confirm")

    await desk.shelf.went(name)
    left = {path.name for path in desk.shelf.folder.glob("*/*") if any(path.iterdir())}
    assert {neighbour, f"{name}-r-2"} <= left
    assert not {name, f"{name}-r"} & left
    restores = (await desk.shelf.client.list(VELERO_RESTORES, NAMESPACE)).items
    assert f"{name}-r" not in {restore["metadata"]["name"] for restore in restores}
    assert f"{name}-r-2" in {restore["metadata"]["name"] for restore in restores}
    await until(lambda: _no_request(desk, name))


async def _restored(desk: Desk, name: str, backup: str) -> None:
    """A restore that somebody made of a backup, and its file."""
    body = {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"backupName": backup},
        "status": {"phase": "Completed"},
    }
    await desk.shelf.client.create(VELERO_RESTORES, body)
    folder = desk.shelf.folder / "restores" / name
    folder.mkdir(parents=True)
    (folder / f"restore-{name}-logs.gz").write_bytes(gzip.compress(b"restored"))


async def _no_request(desk: Desk, backup: str) -> bool:
    requests = (await desk.shelf.client.list(DELETIONS, NAMESPACE)).items
    return not [request for request in requests if request["spec"]["backupName"] == backup]


async def test_files_of_a_restore_are_fetched(desk: Desk) -> None:
    await _restored(desk, f"{desk.name}-logged", desk.name)
    assert "restored" in await desk.velero("restore", "logs", f"{desk.name}-logged")
