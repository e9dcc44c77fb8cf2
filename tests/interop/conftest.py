"""A cluster in which the real Velero has made two backups, with changes between them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest_asyncio
from support.veleros import BUCKET, PREFIX, Velero, velero
from support.waiting import until

from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

HERE = Path(__file__).parent


class Shelf(NamedTuple):
    """Backups `weekly` and `nightly` of namespace shop, and where they lie."""

    velero: Velero
    folder: Path
    """The location as a folder."""

    @property
    def sandbox(self) -> Sandbox:
        return self.velero.sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    """In the cluster as it is afterwards, the Deployment has one replica more than in `nightly`."""
    async with Sandbox() as sandbox:
        await sandbox.kubectl("apply", "-f", str(HERE / "widgets.yaml"))
        await until(lambda: _applied(sandbox, HERE / "shop.yaml"))
        async with velero(sandbox, tmp_path_factory.mktemp("velero")) as real:
            await real.backup("weekly", "--include-namespaces=shop")
            await _change(sandbox)
            await real.backup("nightly", "--include-namespaces=shop")
            await sandbox.kubectl("-n", "shop", "scale", "deployment/web", "--replicas=4")
            yield Shelf(real, sandbox.directory / "buckets" / BUCKET / PREFIX)


async def _applied(sandbox: Sandbox, manifest: Path) -> bool:
    """Once the server serves what was just defined."""
    served = await sandbox.kubectl("api-resources", "--api-group=acme.example", "-o", "name")
    assert "widgets" in served
    return bool(await sandbox.kubectl("apply", "--server-side", "-f", str(manifest)))


async def _change(sandbox: Sandbox) -> None:
    shop = ("-n", "shop")
    patch = {"data": {"a.conf": "key=other\n"}, "metadata": {"labels": {"tier": "front"}}}
    await sandbox.kubectl(*shop, "patch", "configmap", "app", "--type=merge", "-p", json.dumps(patch))
    await sandbox.kubectl(*shop, "set", "image", "deployment/web", "log=fluent:2")
    await sandbox.kubectl(*shop, "scale", "deployment/web", "--replicas=3")
    await sandbox.kubectl(*shop, "delete", "configmap", "passing")
    await sandbox.kubectl(*shop, "create", "configmap", "new")
    await until(lambda: _settled(sandbox))


async def _settled(sandbox: Sandbox) -> bool:
    """Whether the controller has written everything that it writes into the Deployment by itself."""
    web = json.loads(await sandbox.kubectl("-n", "shop", "get", "deployment", "web", "-o", "json"))
    revision = web["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
    return bool(revision == "2" and web["status"]["observedGeneration"] == web["metadata"]["generation"])
