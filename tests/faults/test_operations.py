"""Restores, rollbacks and retirements survive whatever happens to any of their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults import operations
from faults.harness import (
    CALLS,
    CONFLICT,
    KILLED_AFTER,
    KILLED_BEFORE,
    LOST_REPLY,
    READS,
    TOO_MANY,
    WRITES,
    every_call,
    every_other_call,
)

from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Fault, Scenario, Stage
    from faults.programs import Program

    from holdfast_sandbox.proxy import Call

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster

WIDTH = 16
"""Runs side by side: more would only wait for each other."""

OPERATIONS: dict[Scenario, tuple[int, set[str]]] = {
    operations.restores: (
        60,
        {
            "create volumerestores",
            "patch volumesnapshots",
            "patch persistentvolumes",
            "create volumesnapshots",
            "delete persistentvolumeclaims",
            "create persistentvolumeclaims",
            "update volumerestores/status",
            "patch snapshotgroups/status",
        },
    ),
    operations.returns: (
        20,
        {
            "patch persistentvolumes",
            "delete persistentvolumeclaims",
            "create persistentvolumeclaims",
            "update volumerestores/status",
        },
    ),
    operations.returns_from_the_gap: (
        15,
        {
            "patch persistentvolumes",
            "delete persistentvolumeclaims",
            "create persistentvolumeclaims",
            "update volumerestores/status",
        },
    ),
    operations.cancels: (
        6,
        {"patch persistentvolumes", "patch volumesnapshots", "update volumerestores/status"},
    ),
    operations.takes_and_retires: (
        6,
        {"create volumesnapshots", "patch snapshotgroups/status", "delete volumesnapshots"},
    ),
}
"""For each, how many calls there are at least, and which writes are among them."""

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.__name__)


def named(calls: list[Call]) -> set[str]:
    return {f"{c.verb} {c.resource}{c.subresource and '/'}{c.subresource}" for c in calls}


def check(operation: Scenario, hits: list[Call], least: int = 0) -> None:
    """The loop was no empty one."""
    assert len(hits) >= least
    assert named(hits) >= OPERATIONS[operation][1]


@each_operation
async def test_killed_before_any_call(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(operation, stage, KILLED_BEFORE, CALLS, width=WIDTH)
    check(operation, hits, OPERATIONS[operation][0])


async def test_killed_after_any_write(staged: Staged, operator: Callable[..., Program]) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(operations.restores, stage, KILLED_AFTER, WRITES, width=WIDTH)
    check(operations.restores, hits)


@pytest.mark.parametrize("fault", [LOST_REPLY, CONFLICT], ids=str)
@each_operation
async def test_any_write_goes_wrong(
    staged: Staged, operator: Callable[..., Program], operation: Scenario, fault: Fault
) -> None:
    stage = await staged(operator("--no-election"))
    check(operation, await every_call(operation, stage, fault, WRITES, width=WIDTH))


@each_operation
async def test_every_other_call_is_one_too_many(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    check(operation, await every_other_call(operation, stage, TOO_MANY, CALLS), OPERATIONS[operation][0])


async def test_every_other_answer_to_a_read_is_lost(staged: Staged, operator: Callable[..., Program]) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_other_call(operations.restores, stage, LOST_REPLY, READS)
    assert len(hits) > 20


async def test_killed_before_calls_that_are_about_no_namespace(
    staged: Staged, operator: Callable[..., Program]
) -> None:
    shared = {"storageclasses", "volumeattachments", "selfsubjectaccessreviews"}
    stage = await staged(operator("--no-election"))
    about_none = Match(where=lambda call: call.resource in shared and call.verb != "watch")
    hits = await every_call(operations.restores, stage, KILLED_BEFORE, about_none)
    assert {call.resource for call in hits} == shared
