from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from cluster.kube.material import Material, material_of

from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox.proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast_sandbox import Sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    """The administrator's."""
    async with Client(load_access(sandbox.kubeconfig)) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def material(sandbox: Sandbox, namespace: str) -> Material:
    """What kubeconfigs are made of."""
    await sandbox.kubectl("create", "serviceaccount", "robot", "--namespace", namespace)
    token = await sandbox.kubectl("create", "token", "robot", "--namespace", namespace)
    return material_of(sandbox.kubeconfig, token.strip())


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(sandbox: Sandbox) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(sandbox.kubeconfig, as_admin=True) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def disturbed(proxy: FaultProxy) -> AsyncIterator[Client]:
    """A client whose calls go through the fault proxy."""
    async with Client(load_access(proxy.kubeconfig(None))) as opened:
        yield opened
