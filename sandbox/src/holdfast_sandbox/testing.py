"""pytest fixtures: one cluster for a run, one namespace for a test; and waiting for what a cluster will do.

Switch them on in the top `conftest.py`: `pytest_plugins = ["holdfast_sandbox.testing"]` (pytest-asyncio is needed).
The cluster starts when the first test asks for it. A developer who runs a few tests again and again keeps one up with
`holdfast-sandbox up` and names its directory in HOLDFAST_SANDBOX.
"""

import asyncio
import contextlib
import inspect
import os
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, overload

import pytest
import pytest_asyncio

from holdfast_sandbox import Sandbox, SandboxError
from holdfast_sandbox.node import probing

Value = TypeVar("Value")
POLL = 0.05  # seconds


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """A running cluster, shared by all tests of the run."""
    if directory := os.environ.get("HOLDFAST_SANDBOX"):
        yield Sandbox.attach(Path(directory))
    else:
        async with Sandbox() as started:
            yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def node_sandbox() -> AsyncIterator[Sandbox]:
    """A running cluster in which pods run, shared by the tests of a module and gone with them: it is never idle."""
    if found := probing.obstacles():
        pytest.skip(f"no node can run here: {'; '.join(found)}")
    async with Sandbox(node=True) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def namespace(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A new namespace, named after the test; its deletion is not waited for."""
    async with new_namespace(sandbox, request.node.name) as name:
        yield name


@contextlib.asynccontextmanager
async def new_namespace(sandbox: Sandbox, title: str) -> AsyncIterator[str]:
    """A namespace that is named after a title; its deletion is not waited for."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower())[:40].strip("-")
    name = f"{slug}-{secrets.token_hex(3)}"
    await sandbox.kubectl("create", "namespace", name)
    yield name
    await sandbox.kubectl("delete", "namespace", name, "--wait=false")


@overload
async def eventually(check: Callable[[], Awaitable[Value]], *, within: float = 20.0) -> Value: ...
@overload
async def eventually(check: Callable[[], Value], *, within: float = 20.0) -> Value: ...
async def eventually(check: Callable[[], Any], *, within: float = 20.0) -> Any:
    """The first true value that `check` gives; failed assertions and sandbox errors count as not yet.

    Args:
        check: called again and again; may be a coroutine function.
        within: seconds.

    Raises:
        AssertionError: it was never true; the message has the last value or error.
    """
    deadline = asyncio.get_running_loop().time() + within
    while True:
        last = await _tried(check)
        if last and not isinstance(last, Exception):
            return last
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {within} s; the last result was {last!r}")
        await asyncio.sleep(POLL)


async def _tried(check: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever the check gives
    try:
        result = check()
        return await result if inspect.isawaitable(result) else result
    except (AssertionError, SandboxError) as error:
        return error
