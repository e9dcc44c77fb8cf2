"""The operator is killed at any of its calls, and what it was doing ends right all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults import operations
from faults.expected import SCALES, check, each_operation, each_running, named
from faults.harness import CALLS, KILLED_AFTER, KILLED_BEFORE, WRITES, every_call

from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Scenario, Stage
    from faults.programs import Program

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster


@each_operation
async def test_killed_before_any_write_and_any_kind_of_read(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(operation, stage, KILLED_BEFORE, CALLS)
    check(operation, hits)
    assert {"get volumerestores", "list volumesnapshots"} & named(hits)


@each_operation
async def test_killed_after_any_write(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    check(operation, await every_call(operation, stage, KILLED_AFTER, WRITES))


@each_running
async def test_killed_before_it_looks_or_scales(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(operation, stage, KILLED_BEFORE, SCALES, runs=4)
    assert named(hits) == {"get statefulsets/scale", "update statefulsets/scale"}
    assert len(hits) >= 3


async def test_killed_before_calls_that_are_about_no_namespace(
    staged: Staged, operator: Callable[..., Program]
) -> None:
    shared = {"storageclasses", "volumeattachments", "selfsubjectaccessreviews"}
    stage = await staged(operator("--no-election"))
    about_none = Match(where=lambda call: call.resource in shared and call.verb != "watch")
    hits = await every_call(operations.restores, stage, KILLED_BEFORE, about_none, runs=1)
    assert {call.resource for call in hits} == shared
