"""From nothing to a usable cluster: what starts when, and what is applied to it.

The API server decides how long this takes. The CRDs go in as soon as it answers at all; whoever would only ask it
whether it is ready starts when it is.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from holdfast_sandbox import api, logs
from holdfast_sandbox.components import DRIVER
from holdfast_sandbox.errors import StartError
from holdfast_sandbox.images import bases, loading
from holdfast_sandbox.layout import Layout, Settings, Sockets
from holdfast_sandbox.node import configuring
from holdfast_sandbox.supervisor.processes import Process
from holdfast_sandbox.tools import packages

DEADLINE = 120.0  # seconds
PATIENCE = 5  # a component that ends more often than this before the cluster is ready will not make it
MANIFESTS = resources.files("holdfast_sandbox") / "manifests"


async def boot(
    layout: Layout, settings: Settings, processes: Mapping[str, Process], crds: Sequence[Path]
) -> None:
    """Start every component; return when the cluster is usable.

    Raises:
        StartError: with the end of the log of the component that kept it from starting.
    """
    starting = asyncio.create_task(_start(layout, settings, processes, crds))
    watching = asyncio.create_task(_watch(processes))
    done, pending = await asyncio.wait(
        [starting, watching], timeout=DEADLINE, return_when=asyncio.FIRST_COMPLETED
    )
    for task in pending:
        task.cancel()
    if not done:
        raise StartError(f"not ready after {DEADLINE:.0f} s; the logs are in {layout.logs}")
    for task in done:
        task.result()


async def _watch(processes: Mapping[str, Process]) -> None:
    while True:
        for name, process in processes.items():
            if process.restarts > PATIENCE:
                raise StartError(
                    f"{name} ends again and again; {process.log} says:\n{logs.tail(process.log)}"
                )
        await asyncio.sleep(api.POLL)


async def _start(
    layout: Layout, settings: Settings, processes: Mapping[str, Process], crds: Sequence[Path]
) -> None:
    sockets = Sockets(Path(settings.runtime))
    equipping = asyncio.create_task(_equip(sockets, processes)) if settings.node else None
    await processes["etcd"].start()
    await _listening(sockets.etcd)
    for name in ("apiserver", "driver", "s3"):
        await processes[name].start()
    async with api.connect(layout, settings) as server:
        await server.until("/version")
        await asyncio.gather(_install(server, crds, _nodes(settings)), server.until("/readyz"))
        for name in ("controller-manager", "scheduler", "provisioner", "snapshotter", "snapshot-controller"):
            await processes[name].start()
        if equipping:
            await processes["kubelet"].start()
            await equipping
            await _joined(server)
        await server.until("/api/v1/namespaces/default/serviceaccounts/default")
    await _listening(sockets.csi)
    await _accepting(settings)


async def _equip(sockets: Sockets, processes: Mapping[str, Process]) -> None:
    """Have containerd with the images that every cluster has."""
    await processes["containerd"].start()
    await _listening(sockets.containerd)
    for archive in bases.small():
        await loading.load(packages.ctr(), sockets.containerd, archive)


async def _joined(server: api.Api) -> None:
    """Wait until pods with volumes can run."""
    while not _is_ready(await server.get(f"/api/v1/nodes/{configuring.NAME}")):  # noqa: ASYNC110
        await asyncio.sleep(api.POLL)
    while not _has_driver(await server.get(f"/apis/storage.k8s.io/v1/csinodes/{configuring.NAME}")):  # noqa: ASYNC110
        await asyncio.sleep(api.POLL)


def _is_ready(node: Mapping[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _has_driver(node: Mapping[str, Any]) -> bool:
    return any(each["name"] == DRIVER for each in node.get("spec", {}).get("drivers") or [])


def _nodes(settings: Settings) -> str:
    """The manifests of nodes without a kubelet; empty for none."""
    if settings.node or not settings.paper_node:
        return ""
    return "paper-nodes.yaml" if settings.topology else "paper-node.yaml"


async def _install(server: api.Api, crds: Sequence[Path], nodes: str) -> None:
    await asyncio.gather(*(server.apply(_crd_path(file), file.read_bytes()) for file in crds))
    await asyncio.gather(*(server.until(_collection(file)) for file in crds))
    with resources.as_file(MANIFESTS / "storage.yaml") as storage:
        await asyncio.gather(*(server.apply_object(each) for each in api.read_manifests(storage)))
    if nodes:
        with resources.as_file(MANIFESTS / nodes) as file:
            await asyncio.gather(*(server.create_object(each) for each in api.read_manifests(file)))


def _crd_path(file: Path) -> str:
    group, _, plural = file.stem.partition("_")
    return f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{group}"


def _collection(file: Path) -> str:
    group, _, plural = file.stem.partition("_")
    return f"/apis/{group}/v1/{plural}?limit=1"


async def _listening(path: Path) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_unix_connection(path)
            writer.close()
            return
        await asyncio.sleep(api.POLL / 2)


async def _accepting(settings: Settings) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(settings.host, settings.s3_port)
            writer.close()
            return
        await asyncio.sleep(api.POLL)
