"""Fixtures of all tests with a cluster: an administrator's client, and one operator for the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from support import locations, operators
from support.operators import Operator, operating
from support.places import Place

from holdfast.kube.access import load_access
from holdfast.kube.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

    from holdfast_sandbox import Sandbox

_SAID = pytest.StashKey[dict[Operator, int]]()
_MOST = 20_000  # characters of a log that are shown


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def admin(sandbox: Sandbox) -> AsyncIterator[Client]:
    """An administrator's access to the shared cluster."""
    async with Client(load_access(sandbox.kubeconfig), field_manager="tests") as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_operator(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Operator]:
    async with operating(sandbox.kubeconfig, tmp_path_factory.mktemp("operator")) as operator:
        yield operator


@pytest_asyncio.fixture(loop_scope="session")
async def operator(shared_operator: Operator) -> AsyncIterator[Operator]:
    """The one operator of the shared cluster; a test may kill it, the next one gets a running one."""
    if not shared_operator.alive:
        await shared_operator.start()
    yield shared_operator


@pytest_asyncio.fixture(loop_scope="session")
async def place(
    sandbox: Sandbox,
    admin: Client,
    operator: Operator,  # noqa: ARG001
    namespace: str,
) -> AsyncIterator[Place]:
    """A namespace of one's own in the shared cluster, with the operator at work."""
    before = len(locations.standing)
    yield Place(sandbox, admin, namespace)
    await locations.clear_away(before)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_SAID] = {each: len(each.said().encode()) for each in operators.running}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for each in operators.running:
            said = each.said(since=item.stash[_SAID].get(each, 0))
            report.sections.append((f"operator {each.pid}", said[-_MOST:]))
    return report
