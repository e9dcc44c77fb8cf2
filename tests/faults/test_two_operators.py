"""Two operators that both believe they lead, of which one sleeps while the other does all the work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from faults import operations
from faults.expected import SCALING, each_running
from faults.harness import ACTS, WRITES, Round, every_pause, once
from faults.scenes import NAME, THEN, played
from faults.shelves import shelf
from faults.volleys import Paused, Volley
from support.places import Place

from holdfast.api.resource import LEASES, VOLUME_RESTORES
from holdfast.operator.running import LEASE
from holdfast_sandbox.proxy import Match, Rule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Scenario, Stage
    from faults.programs import Program
    from faults.rights import Account

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster

FEW = 6
EXCHANGES = {"delete persistentvolumeclaims", "create persistentvolumeclaims", "patch persistentvolumes"}
MEANWHILE: dict[Scenario, tuple[Match, set[str]]] = {
    operations.restores_meanwhile: (
        WRITES,
        EXCHANGES | {"create volumerestores", "create volumesnapshots", "update volumerestores"},
    ),
    operations.restores_and_returns_meanwhile: (ACTS, EXCHANGES | {"create volumerestores"}),
    operations.returns_meanwhile: (WRITES, EXCHANGES | {"update volumerestores"}),
    operations.takes_and_retires_meanwhile: (WRITES, {"create volumesnapshots", "delete volumesnapshots"}),
}
"""For each, the writes that come too late, and which are among them.

A record that comes too late is refused for its resourceVersion, whatever the world has become meanwhile. Where a
restore is over by then, and where a rollback is, that is tried with each record; where both are, only with acts.
"""


@pytest.mark.parametrize("operation", MEANWHILE, ids=lambda each: each.__name__)
async def test_paused_directly_before_any_write(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    one, two = operator("--no-election", label="one"), operator("--no-election", label="two")
    stage = await staged(one, two)
    match, writes = MEANWHILE[operation]
    hits = await every_pause(operation, stage, match)
    assert writes <= {f"{call.verb} {call.resource}" for call in hits}
    assert (one.starts, two.starts) == (1, 1)


@each_running
async def test_paused_directly_before_it_scales(
    staged: Staged, operator: Callable[..., Program], operation: Scenario
) -> None:
    stage = await staged(operator("--no-election", label="one"), operator("--no-election", label="two"))
    hits = await every_pause(operation, stage, SCALING)
    assert len(hits) >= 2


@pytest.mark.parametrize(
    "operation",
    [operations.restores, operations.returns, operations.takes_and_retires],
    ids=lambda f: f.__name__,
)
async def test_both_at_work(staged: Staged, operator: Callable[..., Program], operation: Scenario) -> None:
    stage = await staged(operator("--no-election", label="one"), operator("--no-election", label="two"))
    together = replace(stage, round=Round(stage.proxy, None, FEW))
    await asyncio.gather(*(once(operation, together) for _ in range(FEW)))
    for program in stage.programs:
        assert any(call.client == program.label and call.writes for call in stage.proxy.calls)


async def test_asleep_until_the_lease_was_lost(
    staged: Staged, operator: Callable[..., Program], operator_account: Account
) -> None:
    """The leader sleeps directly before it deletes the claim, and wakes up when its successor has done that."""
    stage = await staged(operator(label="one", kept_running=True), operator(label="two", kept_running=True))

    async def leading() -> str:
        lease = await Place(stage.sandbox, stage.client, operator_account.namespace).find(LEASES, LEASE)
        return str(lease["spec"]["holderIdentity"]).split("_")[0] if lease else ""

    async def restored(stage: Stage) -> None:
        async with played(stage) as scene:
            leader, other = sorted(stage.programs, key=lambda p: p.label != first)
            assert leader.starts == other.starts == 1
            stage = _sleeping(stage, leader, other)
            async with stage.armed():
                await scene.annotate()
                await scene.reached("Settle")
                await scene.assert_restored()
            assert await leading() == other.label

            async def noticed() -> bool:
                return leader.starts > 1

            await stage.until(noticed)
            await scene.assert_restored()
            await scene.let_time_pass()
            await scene.reached("Done")
            await scene.assert_bound(THEN)
            await scene.assert_let_go(scene.old, scene.new)

    await stage.until(leading)
    first = await leading()
    await once(restored, stage)


async def test_rolled_back_before_a_delete_that_is_decided_on(
    staged: Staged, operator: Callable[..., Program]
) -> None:
    """The claim has never been deleted, so its UID does not give away that the delete comes too late."""
    one, two = operator("--no-election", label="one"), operator("--no-election", label="two")
    stage = await staged(one, two)

    async def returned(stage: Stage) -> None:
        async with played(stage) as scene:
            before = await scene.claim_uid()
            two.pause()
            stage = _sleeping(stage, one)
            assert stage.rule
            late = stage.rule

            async def asleep() -> bool:
                return bool(late.hits)

            async with stage.armed():
                await scene.annotate()
                await stage.until(asleep)
                await scene.ask(rollback=True)
                two.resume()
                await scene.reached("RolledBack")
                await scene.assert_returned()
            assert [call.status for call in late.hits] == [409]
            await scene.awake()
            await scene.assert_returned()
            assert await scene.claim_uid() == before

    await once(returned, stage)


async def test_restored_from_what_is_about_to_be_retired(
    staged: Staged, operator: Callable[..., Program]
) -> None:
    """Whoever wants the snapshot has it held, and the retirement that was decided on before comes to nothing."""
    one, two = operator("--no-election", label="one"), operator("--no-election", label="two")
    stage = await staged(one, two)

    async def restored(stage: Stage) -> None:
        async with shelf(stage, old=4) as shelves:
            two.pause()
            stage = _sleeping(stage, one, resource="volumesnapshots")
            assert stage.rule
            late = stage.rule

            async def asleep() -> bool:
                return bool(late.hits)

            async def settled() -> bool:
                listing = await stage.client.list(VOLUME_RESTORES, stage.namespace)
                return [each.get("status", {}).get("phase") for each in listing.items] == ["Settle"]

            async with stage.armed():
                await shelves.start(keep=2)
                await stage.until(asleep)
                await shelves.keep(10)
                two.resume()
                doomed = late.hits[0].name
                await shelves.place.annotate(NAME, restore=doomed.removeprefix(f"{NAME}-"))
                await stage.until(settled)
            assert late.hits[0].status == 409
            two.pause()
            await shelves.stop()
            assert doomed in {each["metadata"]["name"] for each in await shelves.list()}

    await once(restored, stage)


def _sleeping(
    stage: Stage, leader: Program, *others: Program, resource: str = "persistentvolumeclaims"
) -> Stage:
    """The leader sleeps directly before it deletes something; then the others go on."""
    volley = Volley(leader, others)
    delete = Match(client=leader.label, verb="delete", resource=resource, namespace=stage.namespace)
    rule = Rule(Paused(volley), delete, 1)
    volley.expect([rule.action])
    return replace(stage, rule=rule, round=Round(stage.proxy, volley, 1), programs=(leader, *others))
