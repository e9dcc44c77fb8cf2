"""The proxy between real clients and a real API server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from typing import TYPE_CHECKING, Literal

import pytest

from holdfast_sandbox.errors import Refused
from holdfast_sandbox.proxy import (
    Answer,
    CutWatch,
    DropAnswer,
    FaultProxy,
    GoneWatch,
    Kill,
    Match,
    Rule,
    StallWatch,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

CREATE = Match(verb="create", resource="configmaps")
WATCH = Match(verb="watch", resource="configmaps")
DEADLINE = 60.0


class Kubectl:
    """kubectl under the rights of one ServiceAccount, through the proxy."""

    def __init__(self, sandbox: Sandbox, namespace: str, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._sandbox = sandbox
        self._namespace = namespace

    async def __call__(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002 - as the sandbox
        return await self._sandbox.kubectl(*self._flags(), *arguments, input=input)

    async def create(self, name: str) -> None:
        config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
        await self("create", "-f", "-", input=json.dumps(config_map))

    @contextlib.asynccontextmanager
    async def watching(self, shown: str = ".metadata.name") -> AsyncIterator[asyncio.subprocess.Process]:
        """`get configmaps --watch-only`, one line an event."""
        watch = ("get", "configmaps", "--watch-only", "--no-headers", "-o", f"custom-columns=SHOWN:{shown}")
        process = await asyncio.create_subprocess_exec(
            self._sandbox.kubectl_path, *self._flags(), *watch, stdout=asyncio.subprocess.PIPE
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    def _flags(self) -> tuple[str, ...]:
        return ("--kubeconfig", str(self.kubeconfig), "--namespace", self._namespace)


@pytest.fixture
async def cluster_proxy(sandbox: Sandbox) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(sandbox.kubeconfig) as proxy:
        yield proxy


@pytest.fixture
async def kubectl(sandbox: Sandbox, namespace: str, cluster_proxy: FaultProxy) -> Kubectl:
    await sandbox.kubectl("-n", namespace, "create", "serviceaccount", "tester")
    grant = ("--clusterrole=edit", f"--serviceaccount={namespace}:tester")
    await sandbox.kubectl("-n", namespace, "create", "rolebinding", "tester", *grant)
    token = await sandbox.kubectl("-n", namespace, "create", "token", "tester")
    return Kubectl(sandbox, namespace, cluster_proxy.kubeconfig(token.strip()))


async def names(sandbox: Sandbox, namespace: str) -> set[str]:
    listing = json.loads(await sandbox.kubectl("-n", namespace, "get", "configmaps", "-o", "json"))
    return {item["metadata"]["name"] for item in listing["items"]} - {"kube-root-ca.crt"}


async def test_kubectl_works_through_the_proxy(cluster_proxy: FaultProxy, kubectl: Kubectl) -> None:
    await kubectl.create("one")
    assert "one" in await kubectl("get", "configmaps", "-o", "name")
    await kubectl("delete", "configmap", "one")
    (created,) = cluster_proxy.select(CREATE)
    assert (created.status, created.user_agent.split("/")[0]) == (201, "kubectl")
    assert cluster_proxy.count(Match(verb="delete", name="one", status=200)) == 1


async def test_a_client_has_its_own_rights_only(kubectl: Kubectl) -> None:
    with pytest.raises(Refused, match=r"serviceaccount:.*:tester.* cannot list"):
        await kubectl("get", "nodes")


async def test_without_a_token_nobody_is_an_administrator_unless_asked_for(sandbox: Sandbox) -> None:
    async with FaultProxy(sandbox.kubeconfig) as proxy:
        with pytest.raises(Refused, match=r"Forbidden|Unauthorized"):
            await sandbox.kubectl("--kubeconfig", str(proxy.kubeconfig(None)), "get", "nodes")
    async with FaultProxy(sandbox.kubeconfig, as_admin=True) as proxy:
        await sandbox.kubectl("--kubeconfig", str(proxy.kubeconfig(None)), "get", "nodes")


async def test_a_create_with_a_lost_reply_has_created(
    sandbox: Sandbox, namespace: str, cluster_proxy: FaultProxy, kubectl: Kubectl
) -> None:
    cluster_proxy.rules.append(Rule(DropAnswer(), CREATE, nth=1))
    with pytest.raises(Refused, match=r"EOF|reset"):
        await kubectl.create("lost")
    assert await names(sandbox, namespace) == {"lost"}
    with pytest.raises(Refused, match="AlreadyExists"):
        await kubectl.create("lost")


@pytest.mark.parametrize(
    ("status", "reason"),
    [(409, "Conflict"), (410, "Expired"), (429, "TooManyRequests"), (500, "InternalError")],
)
async def test_a_refusal_reaches_kubectl_as_such(
    sandbox: Sandbox, namespace: str, cluster_proxy: FaultProxy, kubectl: Kubectl, status: int, reason: str
) -> None:
    cluster_proxy.rules.append(Rule(Answer(status), CREATE, nth=1))
    with pytest.raises(Refused, match=rf"Error from server \({reason}\)"):
        await kubectl.create("refused")
    assert await names(sandbox, namespace) == set()


async def test_kubectl_honours_retry_after(cluster_proxy: FaultProxy, kubectl: Kubectl) -> None:
    cluster_proxy.rules.append(Rule(Answer(429, retry_after=0), CREATE, nth=range(1, 3)))
    await kubectl.create("patient")
    assert [call.status for call in cluster_proxy.select(CREATE)] == [429, 429, 201]


async def test_a_cut_watch_ends_kubectls_watch(cluster_proxy: FaultProxy, kubectl: Kubectl) -> None:
    async with kubectl.watching() as process, asyncio.timeout(DEADLINE):
        assert process.stdout
        await cluster_proxy.wait_for(Match(verb="watch", status=200), deadline=DEADLINE)
        await kubectl.create("first")
        assert await process.stdout.readline() == b"first\n"
        rule = cluster_proxy.rules.append(Rule(CutWatch(), WATCH))
        assert await process.stdout.read() == b""
        await process.wait()
        assert [call.verb for call in rule.hits] == ["watch"]


async def test_a_stalled_watch_is_silent_until_released(cluster_proxy: FaultProxy, kubectl: Kubectl) -> None:
    stall = StallWatch()
    cluster_proxy.rules.append(Rule(stall, WATCH))
    async with kubectl.watching() as process, asyncio.timeout(DEADLINE):
        assert process.stdout
        await cluster_proxy.wait_for(Match(verb="watch", status=200), deadline=DEADLINE)
        line = asyncio.create_task(process.stdout.readline())
        await kubectl.create("hidden")
        assert "hidden" in await kubectl("get", "configmaps", "-o", "name")
        assert not line.done()
        stall.release()
        assert await line == b"hidden\n"


async def test_kubectl_is_told_that_a_watchs_version_is_gone(
    cluster_proxy: FaultProxy, kubectl: Kubectl
) -> None:
    async with kubectl.watching(".reason") as process, asyncio.timeout(DEADLINE):
        assert process.stdout
        await cluster_proxy.wait_for(Match(verb="watch", status=200), deadline=DEADLINE)
        cluster_proxy.rules.append(Rule(GoneWatch(), WATCH))
        assert await process.stdout.read() == b"Expired\n"


@pytest.mark.parametrize(("when", "made"), [("before", 2), ("after", 3)])
async def test_a_process_killed_at_its_third_create_has_made_what_was_forwarded(
    sandbox: Sandbox,
    namespace: str,
    cluster_proxy: FaultProxy,
    kubectl: Kubectl,
    create: Callable[..., Awaitable[asyncio.subprocess.Process]],
    when: Literal["before", "after"],
    made: int,
) -> None:
    client = await create(kubectl.kubeconfig, namespace, 100)
    cluster_proxy.rules.append(Rule(Kill(client.pid, when), CREATE, nth=3))
    output, _ = await client.communicate()
    assert client.returncode == -signal.SIGKILL
    assert output.splitlines() == [b"made-0 201", b"made-1 201"]
    assert await names(sandbox, namespace) == {f"made-{number}" for number in range(made)}
