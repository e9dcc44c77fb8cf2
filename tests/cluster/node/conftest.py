"""Fixtures of tests whose pods run: one cluster with a node, and a namespace of it for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from support.places import new_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest
    from support.places import Place

    from holdfast_sandbox import Sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def home(node_sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """A namespace in the cluster with a node; no operator is at work."""
    async with new_place(node_sandbox, request.node.name) as made:
        yield made
