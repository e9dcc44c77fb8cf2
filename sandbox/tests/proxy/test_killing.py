"""A process dies exactly at the call that a rule names."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from holdfast_sandbox.proxy import FaultProxy, Kill, Match, Rule

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from typing import Literal

    from sandbox.tests.proxy.conftest import Upstream

    Create = Callable[..., Awaitable[asyncio.subprocess.Process]]

CREATE = Match(verb="create", resource="configmaps")


async def seen_by(client: asyncio.subprocess.Process) -> int:
    """Wait until the client is dead, and count the answers that it saw."""
    output, _ = await client.communicate()
    assert client.returncode == -signal.SIGKILL
    return len(output.splitlines())


@pytest.mark.parametrize(("when", "carried_out"), [("before", 2), ("after", 3)])
async def test_a_process_dies_at_the_third_call(
    proxy: FaultProxy,
    upstream: Upstream,
    create: Create,
    when: Literal["before", "after"],
    carried_out: int,
) -> None:
    client = await create(proxy.kubeconfig("token"), "a", 100)
    rule = proxy.rules.append(Rule(Kill(client.pid, when), CREATE, nth=3))
    assert await seen_by(client) == 2
    assert len(upstream.reached) == carried_out
    assert [call.ordinal for call in rule.hits] == [3]


async def test_nothing_of_a_dead_process_is_forwarded(
    proxy: FaultProxy, upstream: Upstream, create: Create
) -> None:
    client = await create(proxy.kubeconfig("token"), "a", 10_000, threads=8)
    forwarded: list[int] = []

    def kill() -> None:
        client.kill()
        forwarded.append(proxy.count(CREATE) - 1)

    rule = proxy.rules.append(Rule(Kill(kill), CREATE, nth=50))
    await client.communicate()
    assert forwarded == [49]
    assert proxy.count(CREATE) == 50
    assert len(upstream.reached) <= 49
    assert len(rule.hits) == 1


async def test_a_process_started_anew_is_served(
    proxy: FaultProxy, upstream: Upstream, create: Create
) -> None:
    kubeconfig = proxy.kubeconfig("token")
    first = await create(kubeconfig, "a", 100)
    proxy.rules.append(Rule(Kill(first.pid), CREATE, nth=1))
    assert await seen_by(first) == 0
    second = await create(kubeconfig, "a", 5)
    output, _ = await second.communicate()
    assert (second.returncode, len(output.splitlines()), len(upstream.reached)) == (0, 5, 5)


async def test_a_kill_leaves_other_clients_alone(
    proxy: FaultProxy, upstream: Upstream, create: Create, tmp_path: Path
) -> None:
    kubeconfigs = [proxy.kubeconfig("token", tmp_path / label, label=label) for label in ("a", "b")]
    one = await create(kubeconfigs[0], "a", 100)
    proxy.rules.append(Rule(Kill(one.pid), Match(client="a"), nth=2))
    other = await create(kubeconfigs[1], "b", 100)
    assert await seen_by(one) == 1
    output, _ = await other.communicate()
    assert len(output.splitlines()) == 100
    assert len(upstream.reached) == 101
