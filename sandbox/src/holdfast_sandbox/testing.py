"""pytest fixtures: one cluster for a run, one namespace for a test.

Switch them on in the top `conftest.py`: `pytest_plugins = ["holdfast_sandbox.testing"]` (pytest-asyncio is needed).
The cluster starts when the first test asks for it. A developer who runs a few tests again and again keeps one up with
`holdfast-sandbox up` and names its directory in HOLDFAST_SANDBOX.
"""

import os
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from holdfast_sandbox import Sandbox


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """A running cluster, shared by all tests of the run."""
    if directory := os.environ.get("HOLDFAST_SANDBOX"):
        yield Sandbox.attach(Path(directory))
    else:
        async with Sandbox() as started:
            yield started


@pytest_asyncio.fixture(loop_scope="session")
async def namespace(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A new namespace, named after the test; its deletion is not waited for."""
    slug = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:40].strip("-")
    name = f"{slug}-{secrets.token_hex(3)}"
    await sandbox.kubectl("create", "namespace", name)
    yield name
    await sandbox.kubectl("delete", "namespace", name, "--wait=false")
