"""The real velero command line has our operator make backups, also by schedule; a real Velero restores one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import pytest_asyncio
from support.operators import Operator, operating
from support.veleros import Velero, prepared
from support.waiting import until

from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.cluster
HERE = Path(__file__).parent


class Desk(NamedTuple):
    """The command line, our operator at work, and namespace shop."""

    velero: Velero
    operator: Operator

    @property
    def sandbox(self) -> Sandbox:
        return self.velero.sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with Sandbox() as sandbox:
        await sandbox.kubectl("apply", "-f", str(HERE / "widgets.yaml"))
        await until(lambda: _applied(sandbox))
        velero = await prepared(sandbox, tmp_path_factory.mktemp("velero"))
        async with operating(sandbox.kubeconfig, tmp_path_factory.mktemp("operator")) as operator:
            yield Desk(velero, operator)


async def _applied(sandbox: Sandbox) -> bool:
    assert "widgets" in await sandbox.kubectl("api-resources", "--api-group=acme.example", "-o", "name")
    return bool(await sandbox.kubectl("apply", "--server-side", "-f", str(HERE / "shop.yaml")))


async def test_a_backup_is_made_and_waited_for(desk: Desk) -> None:
    said = await desk.velero(
        "backup", "create", "asked", "--include-namespaces=shop", "--snapshot-volumes=false", "--wait"
    )
    assert "Backup completed with status: Completed" in said
    described = await desk.velero("backup", "describe", "asked", "--details", "--colorized=false")
    assert "shop/web" in described
    assert "<error" not in described
    assert "Backed up a total of" in await desk.velero("backup", "logs", "asked")


async def test_what_is_wrong_is_described(desk: Desk) -> None:
    backup = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": "wrong", "namespace": "velero"},
        "spec": {"includedNamespaces": ["shop"], "excludedNamespaces": ["shop"], "storageLocation": "nosuch"},
    }
    await desk.sandbox.kubectl("create", "-f", "-", input=json.dumps(backup))

    async def refused() -> bool:
        described = await desk.velero("backup", "describe", "wrong", "--colorized=false")
        assert "Phase:  FailedValidation" in described
        return "no location nosuch" in described and "both includes and excludes 'shop'" in described

    await until(refused)
    missing = await desk.velero("backup", "create", "half", "--include-namespaces=shop,nowhere", "--wait")
    assert "status: PartiallyFailed" in missing


async def test_a_schedule_makes_backups_until_it_is_paused(desk: Desk) -> None:
    await desk.velero(
        "schedule",
        "create",
        "often",
        "--schedule=@every 1s",
        "--include-namespaces=shop",
        "--include-resources=configmaps",
        "--snapshot-volumes=false",
    )

    async def made() -> bool:
        listed = await desk.velero("backup", "get", "--selector=velero.io/schedule-name=often")
        assert "Enabled" in await desk.velero("schedule", "get", "often")
        return "often-2" in listed and "Completed" in listed

    await until(made)
    await desk.velero("schedule", "pause", "often")
    once = await desk.velero("backup", "create", "once", "--from-schedule=often", "--wait")
    assert "status: Completed" in once
    await desk.velero("schedule", "delete", "often", "--confirm")


async def test_a_real_velero_restores_what_the_operator_saved(desk: Desk) -> None:
    """Last: our operator ends, and the real server takes its place."""
    await desk.velero(
        "backup", "create", "last", "--include-namespaces=shop", "--snapshot-volumes=false", "--wait"
    )
    desk.operator.kill()
    async with desk.velero.serving():
        await desk.velero(
            "restore", "create", "again", "--from-backup=last", "--namespace-mappings=shop:copy", "--wait"
        )
        restore = json.loads(await desk.velero("restore", "get", "again", "-o", "json"))
        assert restore["status"]["phase"] == "Completed", await desk.velero("restore", "describe", "again")
    kinds = "configmaps,secrets,services,deployments,serviceaccounts,widgets"
    names = ("get", kinds, "-o", "name", "-n")
    assert await desk.sandbox.kubectl(*names, "copy") == await desk.sandbox.kubectl(*names, "shop")
