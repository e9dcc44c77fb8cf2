"""What each operation is known to do: without it, a loop over its calls could be an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults import operations

from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from faults.harness import Scenario

    from holdfast_sandbox.proxy import Call

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

SCALES = Match(where=lambda call: call.subresource == "scale")
"""What scaling an application adds to an exchange: each step of it begins with a look at a scale."""
SCALING = Match(writes=True, where=lambda call: call.subresource == "scale")
each_running = pytest.mark.parametrize(
    "operation",
    [operations.restores_what_runs, operations.returns_what_runs],
    ids=lambda each: each.__name__,
)
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.__name__)


def named(calls: list[Call]) -> set[str]:
    return {f"{c.verb} {c.resource}{c.subresource and '/'}{c.subresource}" for c in calls}


def check(operation: Scenario, hits: list[Call], least: int = 0) -> None:
    """The loop was no empty one."""
    assert len(hits) >= least
    assert named(hits) >= OPERATIONS[operation][1]
