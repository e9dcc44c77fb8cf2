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


@pytest.mark.parametrize(
    "operation", [operations.restores, operations.takes_and_retires], ids=lambda f: f.__name__
)
async def test_killed_after_any_write(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    check(operation, await every_call(operation, stage, KILLED_AFTER, WRITES, width=WIDTH))


@pytest.mark.parametrize("fault", [LOST_REPLY, CONFLICT], ids=str)
@each_operation
async def test_any_write_goes_wrong(
    staged: Staged, operator: Callable[..., Program], operation: Scenario, fault: Fault
) -> None:
    stage = await staged(operator("--no-election"))
    check(operation, await every_call(operation, stage, fault, WRITES, width=WIDTH))


@pytest.mark.parametrize(("fault", "stride"), [(TOO_MANY, 2), (LOST_REPLY, 3)], ids=["429", "lost-reply"])
@each_operation
async def test_calls_go_wrong_all_the_time(
    staged: Staged, operator: Callable[..., Program], operation: Scenario, fault: Fault, stride: int
) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_other_call(operation, stage, fault, stride=stride)
    check(operation, hits, OPERATIONS[operation][0])


async def test_killed_before_calls_that_are_about_no_namespace(
    staged: Staged, operator: Callable[..., Program]
) -> None:
    shared = {"storageclasses", "volumeattachments", "selfsubjectaccessreviews"}
    stage = await staged(operator("--no-election"))
    about_none = Match(where=lambda call: call.resource in shared and call.verb != "watch")
    hits = await every_call(operations.restores, stage, KILLED_BEFORE, about_none)
    assert {call.resource for call in hits} == shared
