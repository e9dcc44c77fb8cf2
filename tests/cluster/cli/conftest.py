"""The program in the shared cluster, and a cluster of one's own for what concerns a whole cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from cluster.cli.clearing import clear
from cluster.cli.program import Program

from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.places import Place


@pytest.fixture
def holdfast(place: Place) -> Program:
    """The program, in the namespace of the test; the operator runs."""
    return Program(place.sandbox.kubeconfig, place.namespace)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Sandbox]:
    """A cluster that only the tests of a module look at; it ends with them, for an idle one costs the others time."""
    async with Sandbox() as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def bare(own: Sandbox) -> AsyncIterator[Sandbox]:
    """That cluster without any trace of Holdfast, before and after the test."""
    await clear(own)
    yield own
    await clear(own)
