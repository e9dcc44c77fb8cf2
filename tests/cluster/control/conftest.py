"""Clients for tests of the controller runtime, and objects small enough to watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox.proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast_sandbox import Sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    async with Client(load_access(sandbox.kubeconfig)) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(sandbox: Sandbox) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(sandbox.kubeconfig, as_admin=True) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def disturbed(proxy: FaultProxy) -> AsyncIterator[Client]:
    """A client whose calls go through the proxy."""
    async with Client(load_access(proxy.kubeconfig(None))) as opened:
        yield opened
