"""Any call goes wrong, and what the operator was doing ends right all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults import operations
from faults.expected import OPERATIONS, SCALING, check, each_operation, each_running
from faults.harness import CALLS, CONFLICT, LOST_REPLY, READS, TOO_MANY, WRITES, every_call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Fault, Scenario, Stage
    from faults.programs import Program

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("fault", [LOST_REPLY, CONFLICT], ids=str)
@each_operation
async def test_any_write_goes_wrong(
    staged: Staged, operator: Callable[..., Program], operation: Scenario, fault: Fault
) -> None:
    stage = await staged(operator("--no-election"))
    check(operation, await every_call(operation, stage, fault, WRITES))


@each_running
async def test_the_answer_to_a_scaling_is_lost(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    assert len(await every_call(operation, stage, LOST_REPLY, SCALING)) >= 2


@each_operation
async def test_every_other_call_is_one_too_many(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    check(operation, await every_call(operation, stage, TOO_MANY, CALLS, runs=2), OPERATIONS[operation][0])


async def test_every_other_answer_to_a_read_is_lost(staged: Staged, operator: Callable[..., Program]) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(operations.restores, stage, LOST_REPLY, READS, runs=2)
    assert len(hits) > 20
