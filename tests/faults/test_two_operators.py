"""Two operators that both believe they lead, of which one sleeps while the other does all the work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from faults import operations
from faults.harness import PAUSED, Round, every_call, once

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Scenario, Stage
    from faults.programs import Program

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster

WIDTH = 12
EXCHANGES = {"delete persistentvolumeclaims", "create persistentvolumeclaims", "patch persistentvolumes"}
MEANWHILE = {
    operations.restores_meanwhile: EXCHANGES | {"create volumerestores", "create volumesnapshots"},
    operations.restores_and_returns_meanwhile: EXCHANGES | {"create volumerestores"},
    operations.returns_meanwhile: EXCHANGES,
    operations.takes_and_retires_meanwhile: {"create volumesnapshots", "delete volumesnapshots"},
}


@pytest.mark.parametrize(
    ("operation", "writes"), MEANWHILE.items(), ids=lambda each: getattr(each, "__name__", "")
)
async def test_paused_directly_before_any_write(
    staged: Staged, operator: Callable[..., Program], operation: Scenario, writes: set[str]
) -> None:
    one, two = operator("--no-election", label="one"), operator("--no-election", label="two")
    stage = await staged(one, two)
    hits = await every_call(operation, stage, PAUSED, width=WIDTH)
    assert writes <= {f"{call.verb} {call.resource}" for call in hits}
    assert (one.starts, two.starts) == (1, 1)


@pytest.mark.parametrize(
    "operation",
    [operations.restores, operations.returns, operations.takes_and_retires],
    ids=lambda f: f.__name__,
)
async def test_both_at_work(staged: Staged, operator: Callable[..., Program], operation: Scenario) -> None:
    stage = await staged(operator("--no-election", label="one"), operator("--no-election", label="two"))
    together = replace(stage, round=Round(stage.proxy, None, WIDTH))
    await asyncio.gather(*(once(operation, together) for _ in range(WIDTH)))
    for program in stage.programs:
        assert any(call.client == program.label and call.writes for call in stage.proxy.calls)
