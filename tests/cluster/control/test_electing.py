"""Elections on a real API server: one leads, and another one takes over when it should and not before."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cluster.control.maps import PATIENCE, eventually

from holdfast.api.resource import LEASES
from holdfast.control.electing import Election
from holdfast.control.errors import LeaseLost
from holdfast_sandbox.proxy import Answer, DropAnswer, Match, Rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import FaultProxy

pytestmark = pytest.mark.cluster

LONG = 300.0  # seconds; longer than any test, so that what happens is no expiry


def contender(client: Client, namespace: str, *, lease: float = 2.0, renew: float = 1.2) -> Election:
    return Election(client, namespace, "leader", "test", lease=lease, renew=renew, retry=0.2)


@asynccontextmanager
async def contending(*elections: Election) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(election.run()) for election in elections]
    try:
        async with asyncio.timeout(PATIENCE):
            yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def lease_of(client: Client, namespace: str) -> dict[str, Any]:
    return await client.get(LEASES, "leader", namespace)


async def test_one_leads_and_the_next_need_not_wait_when_it_stops(client: Client, namespace: str) -> None:
    elections = [contender(client, namespace, lease=LONG, renew=LONG / 2) for _ in range(2)]
    async with contending(*elections) as tasks:
        await eventually(lambda: any(election.leading for election in elections))
        first = next(election for election in elections if election.leading)
        second = next(election for election in elections if election is not first)
        assert (await lease_of(client, namespace))["spec"]["holderIdentity"] == first.identity
        assert not second.leading
        first.stop()
        await second.wait_leading()
        await tasks[elections.index(first)]
        spec = (await lease_of(client, namespace))["spec"]
    assert (spec["holderIdentity"], spec["leaseTransitions"]) == (second.identity, 1)


async def test_a_released_lease_names_nobody(client: Client, namespace: str) -> None:
    election = contender(client, namespace, lease=LONG, renew=LONG / 2)
    async with contending(election) as (task,):
        await election.wait_leading()
        election.stop()
        await task
    assert not (await lease_of(client, namespace))["spec"].get("holderIdentity")


async def test_another_takes_over_from_a_process_that_was_killed(
    sandbox: Sandbox, client: Client, namespace: str
) -> None:
    program = Path(__file__).with_name("contender.py")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, program, sandbox.kubeconfig, namespace, "3"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            assert b"leading" in await process.stdout.readline()
        second = contender(client, namespace)
        async with contending(second):
            process.kill()
            await second.wait_leading()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_contender_that_is_stopped_never_led(client: Client, namespace: str) -> None:
    first, second = (contender(client, namespace, lease=LONG, renew=LONG / 2) for _ in range(2))
    async with contending(first):
        await first.wait_leading()
        async with contending(second) as (task,):
            second.stop()
            await task
        assert first.leading
        assert (await lease_of(client, namespace))["spec"]["holderIdentity"] == first.identity


async def test_signs_of_life_count_however_wrong_the_clock_of_the_holder(
    client: Client, namespace: str
) -> None:
    """The holder's timestamps are decades old; it holds the lease as long as it keeps writing."""
    spec: dict[str, Any] = {"holderIdentity": "elsewhere", "leaseDurationSeconds": 4, "leaseTransitions": 4}
    body = {
        "apiVersion": LEASES.api_version,
        "kind": "Lease",
        "metadata": {"name": "leader", "namespace": namespace},
        "spec": spec | {"renewTime": "1999-01-01T00:00:00.000000Z"},
    }
    lease = await client.create(LEASES, body)
    election = contender(client, namespace)
    async with contending(election):
        for second in range(1, 7):
            await asyncio.sleep(1)  # a quarter of what the holder may take
            lease["spec"]["renewTime"] = f"1999-01-01T00:00:0{second}.000000Z"
            lease = await client.replace(LEASES, lease)  # a Conflict here would be somebody taking over
            assert not election.leading
        await election.wait_leading()
    assert (await lease_of(client, namespace))["spec"]["leaseTransitions"] == 5


async def test_a_leader_without_an_api_server_gives_up(
    proxy: FaultProxy, disturbed: Client, namespace: str
) -> None:
    election = contender(disturbed, namespace)
    async with contending(election) as (task,):
        await election.wait_leading()
        proxy.rules.append(Rule(Answer(500), Match(resource="leases")))
        with pytest.raises(LeaseLost, match="could not be renewed for"):
            await task
        assert not election.leading


async def test_a_leader_sees_that_another_one_holds_its_lease(client: Client, namespace: str) -> None:
    election = contender(client, namespace, lease=LONG, renew=LONG / 2)
    async with contending(election) as (task,):
        await election.wait_leading()
        await client.patch(LEASES, "leader", {"spec": {"holderIdentity": "usurper"}}, namespace)
        with pytest.raises(LeaseLost, match="held by usurper now"):
            await task


async def test_lost_replies_conflicts_and_deletion_do_not_cost_the_lead(
    proxy: FaultProxy, disturbed: Client, client: Client, namespace: str
) -> None:
    election = contender(disturbed, namespace, lease=LONG, renew=LONG / 2)
    async with contending(election) as (task,):
        lost = proxy.rules.append(Rule(DropAnswer(), Match(resource="leases", verb="create"), nth=1))
        await election.wait_leading()
        dropped = proxy.rules.append(Rule(DropAnswer(), Match(resource="leases", verb="update"), nth=1))
        refused = proxy.rules.append(Rule(Answer(409), Match(resource="leases", verb="update"), nth=2))
        await eventually(lambda: dropped.hits and refused.hits)
        await client.delete(LEASES, "leader", namespace)
        written = len(proxy.calls)
        await eventually(
            lambda: any(
                call.verb in {"create", "update"} and call.status in {200, 201}
                for call in proxy.calls[written:]
            )
        )
        assert election.leading
        assert not task.done()
    assert len(lost.hits) == 1


async def test_times_that_make_no_sense_are_refused(client: Client) -> None:
    with pytest.raises(ValueError, match=r"need retry < renew < lease, got 2\.0 s, 20 s, 15\.0 s"):
        Election(client, "ns", "leader", "test", renew=20)
