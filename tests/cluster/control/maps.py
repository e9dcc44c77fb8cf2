"""ConfigMaps, as the objects that these tests care about, and patience."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from holdfast.api.resource import Resource
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from holdfast.control.informing import Informer

T = TypeVar("T")
MAPS = Resource("", "v1", "configmaps", "ConfigMap")
PATIENCE = 90.0  # seconds; only reached by a test that fails


class Meta(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""


class Map(msgspec.Struct, frozen=True):
    metadata: Meta
    data: dict[str, str] = {}


def map_of(name: str, namespace: str | None = None, **data: str) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


async def persistently(call: Callable[[], Awaitable[T]]) -> T:
    """What a call returns once the API server, killed a moment ago, is back."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await call()
            except (errors.Unreachable, errors.ServerFailure, errors.Forbidden):
                await asyncio.sleep(0.05)


async def eventually(condition: Callable[[], object], within: float = PATIENCE) -> None:
    """Return once the condition is true; fail when it stays false."""
    deadline = asyncio.get_running_loop().time() + within
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "what was waited for did not happen"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(informer: Informer[Map]) -> AsyncIterator[None]:
    """Run an informer that has synced."""
    task = asyncio.create_task(informer.run())
    try:
        async with asyncio.timeout(PATIENCE):
            await informer.wait_synced()
        yield
    finally:
        task.cancel()
