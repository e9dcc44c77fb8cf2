"""A cluster of its own, in which no other test's operator does the work that a fault is meant to disturb."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from faults.harness import Stage
from faults.owners import Owners
from faults.programs import Program
from faults.rights import grant, printed_by_install

from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox
from holdfast_sandbox.proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from faults.rights import Account


@pytest.fixture(scope="module")
async def fault_sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def fault_proxy(fault_sandbox: Sandbox) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(fault_sandbox.kubeconfig) as proxy:
        yield proxy


@pytest.fixture(scope="module")
async def administrator(fault_sandbox: Sandbox) -> AsyncIterator[Client]:
    async with Client(load_access(fault_sandbox.kubeconfig)) as client:
        yield client


@pytest.fixture(scope="module")
async def operator_account(fault_sandbox: Sandbox) -> Account:
    return await grant(fault_sandbox, await printed_by_install())


@pytest.fixture
async def staged(
    fault_sandbox: Sandbox, administrator: Client, fault_proxy: FaultProxy
) -> AsyncIterator[Callable[..., Awaitable[Stage]]]:
    """Start programs and give the stage they play on; they end with the test."""
    async with AsyncExitStack() as running:

        async def stage(*programs: Program) -> Stage:
            for program in programs:
                await running.enter_async_context(program)
            owners = await running.enter_async_context(Owners(administrator))
            return Stage(fault_sandbox, administrator, fault_proxy, programs, owners)

        yield stage


@pytest.fixture
def operator(fault_proxy: FaultProxy, operator_account: Account, tmp_path: Path) -> Callable[..., Program]:
    """Make `holdfast operator` under the rights that `holdfast install` prints; several go by their labels."""

    def make(*flags: str, label: str = "operator", kept_running: bool = False) -> Program:
        kubeconfig = fault_proxy.kubeconfig(operator_account.token, label=label)
        command = (sys.executable, "-m", "holdfast", "operator", "--kubeconfig", str(kubeconfig))
        identity = ("--identity", label, "--workers", "32", *flags)
        log = tmp_path / f"{label}.log"
        return Program(label, [*command, *identity], log, kept_running=kept_running)

    return make
