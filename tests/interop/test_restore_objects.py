"""The real velero command line has our operator restore, in a cluster of its own, because of the rights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_asyncio
from support import objects
from support.locations import NAMESPACE, Shelf, new_shelf
from support.operators import operating
from support.veleros import Velero
from support.waiting import until

from holdfast.api.velero import VELERO_RESTORES
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast.operator.manifests import Settings
from holdfast.operator.manifests.access import CLUSTER_BINDINGS, restoring
from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.operators import Operator

pytestmark = pytest.mark.cluster


class Desk(NamedTuple):
    """The command line, and a location with backup `shop-a` of namespace shop."""

    velero: Velero
    shelf: Shelf
    client: Client
    operator: Operator

    async def restore(self, name: str) -> dict[str, Any]:
        return await self.client.get(VELERO_RESTORES, name, NAMESPACE)

    async def data(self, namespace: str) -> dict[str, str]:
        """Of the ConfigMap in a namespace."""
        listed = await self.shelf.sandbox.kubectl("-n", namespace, "get", "configmap", "app", "-o", "json")
        found: dict[str, str] = json.loads(listed)["data"]
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("velero")
    async with (
        Sandbox() as sandbox,
        operating(sandbox.kubeconfig, folder) as operator,
        Client(load_access(sandbox.kubeconfig), field_manager="tests") as client,
    ):
        shelf = await new_shelf(sandbox, client, default=True)
        made = Desk(Velero(sandbox, folder), shelf, client, operator)
        await sandbox.kubectl("create", "namespace", "shop")
        await sandbox.kubectl("-n", "shop", "create", "configmap", "app", "--from-literal=a=saved")
        await sandbox.kubectl("-n", "shop", "create", "role", "reader", "--verb=get", "--resource=pods")
        flags = ("--include-namespaces=shop", "--snapshot-volumes=false", "--wait")
        await made.velero("backup", "create", "shop-a", *flags)
        yield made


async def test_without_the_rights_the_user_is_told_how_to_give_them(desk: Desk) -> None:
    await desk.velero("restore", "create", "early", "--from-backup=shop-a", "--wait")
    status = (await desk.restore("early"))["status"]
    assert status["phase"] == "FailedValidation"
    assert "holdfast install --restores" in status["validationErrors"][0]
    for manifest in restoring(Settings(restores=True)):
        await desk.client.create(CLUSTER_BINDINGS, manifest)


async def test_it_restores_waits_describes_and_shows_the_log(desk: Desk) -> None:
    mapping = "--namespace-mappings=shop:copy"
    said = await desk.velero("restore", "create", "back", "--from-backup=shop-a", mapping, "--wait")
    assert "Restore completed with status: Completed" in said
    assert await desk.data("copy") == {"a": "saved"}
    described = await desk.velero("restore", "describe", "back", "--details", "--colorized=false")
    assert "Phase:                       Completed" in described
    assert "rbac.authorization.k8s.io/v1/Role:\n    - copy/reader(created)" in described
    assert "<error" not in described
    assert "configmaps copy/app: created" in await desk.velero("restore", "logs", "back")
    assert "Completed" in await desk.velero("restore", "get", "back")


async def test_what_differs_is_a_warning_and_an_update_makes_it_what_was_saved(desk: Desk) -> None:
    change = json.dumps({"data": {"a": "live"}})
    await desk.shelf.sandbox.kubectl("-n", "shop", "patch", "configmap", "app", "--type=merge", "-p", change)
    await desk.velero("restore", "create", "kept", "--from-backup=shop-a", "--wait")
    assert (await desk.restore("kept"))["status"]["warnings"] == 1
    assert await desk.data("shop") == {"a": "live"}
    policy = "--existing-resource-policy=update"
    await desk.velero("restore", "create", "put-back", "--from-backup=shop-a", policy, "--wait")
    assert (await desk.restore("put-back"))["status"]["phase"] == "Completed"
    assert await desk.data("shop") == {"a": "saved"}


async def test_what_cannot_be_followed_is_refused(desk: Desk) -> None:
    for name, spec, said in (
        ("nothing", {"backupName": "nosuch"}, "backup nosuch does not exist"),
        ("neither", {}, "backupName or scheduleName"),
        ("odd", {"backupName": "shop-a", "existingResourcePolicy": "maybe"}, "'maybe' is not known"),
        ("never", {"backupName": "shop-a", "includedResources": ["nodes"]}, "'nodes' is never restored"),
    ):
        body = objects.manifest(VELERO_RESTORES, name, metadata={"namespace": NAMESPACE}, spec=spec)
        await desk.client.create(VELERO_RESTORES, body)
        status = await until(lambda name=name: ended(desk, name))  # type: ignore[misc]
        assert status["phase"] == "FailedValidation", status
        assert said in status["validationErrors"][0]


async def ended(desk: Desk, name: str) -> dict[str, Any]:
    status: dict[str, Any] = (await desk.restore(name)).get("status", {})
    assert status.get("phase") not in {None, "", "New", "InProgress"}
    return status


async def test_one_that_a_dead_operator_had_begun_goes_on(desk: Desk) -> None:
    desk.operator.kill()
    spec = {"backupName": "shop-a", "namespaceMapping": {"shop": "resumed"}}
    body = objects.manifest(VELERO_RESTORES, "resumed", metadata={"namespace": NAMESPACE}, spec=spec)
    status = {"phase": "InProgress", "startTimestamp": "2026-01-01T00:00:00Z"}
    await desk.client.create(VELERO_RESTORES, body | {"status": status})
    await desk.operator.start()
    assert (await until(lambda: ended(desk, "resumed")))["phase"] == "Completed"
    assert await desk.data("resumed") == {"a": "saved"}
