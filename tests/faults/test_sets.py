"""Restores of a set end alike, whichever of their records and acts goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults import operations
from faults.expected import named
from faults.harness import KILLED_BEFORE, LOST_REPLY, WRITES, every_call, every_pause

from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Scenario, Stage
    from faults.programs import Program

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster

EXCHANGES = {("delete", "persistentvolumeclaims"), ("create", "persistentvolumeclaims")}
ACTS = Match(
    writes=True, where=lambda call: (call.verb, call.resource) in EXCHANGES or call.subresource == "scale"
)

each_way = pytest.mark.parametrize(
    "operation",
    [operations.restores_together, operations.returns_together, operations.changes_its_mind_together],
    ids=lambda each: each.__name__,
)


@each_way
async def test_killed_before_any_write(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(operation, stage, KILLED_BEFORE, WRITES)
    assert {"update volumerestores/status", "update statefulsets/scale"} <= named(hits)


async def test_the_answer_to_any_write_is_lost(staged: Staged, operator: Callable[..., Program]) -> None:
    stage = await staged(operator("--no-election"))
    hits = await every_call(operations.restores_together, stage, LOST_REPLY, WRITES)
    assert {"update volumerestores/status", "delete persistentvolumeclaims"} <= named(hits)


@each_way
async def test_paused_directly_before_any_act(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election", label="one"), operator("--no-election", label="two"))
    hits = await every_pause(operation, stage, ACTS, width=8)
    assert "update statefulsets/scale" in named(hits)
