"""Watches on a real API server, also when connections and history go away."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec
import pytest
from cluster.kube.served import definition, found

from holdfast.api.resource import CRDS, Resource
from holdfast.kube import errors
from holdfast_sandbox.proxy import CutWatch, GoneWatch, Match, Rule

if TYPE_CHECKING:
    from holdfast.kube.client import Client
    from holdfast.kube.watching import Change
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import FaultProxy

pytestmark = pytest.mark.cluster
MAPS = Resource("", "v1", "configmaps", "ConfigMap")
WATCHES = Match(verb="watch")


class Meta(msgspec.Struct, rename="camel"):
    name: str


class Map(msgspec.Struct):
    metadata: Meta


class Watcher:
    """Watches a namespace's maps from now on and keeps what it sees."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._client, self._namespace = client, namespace
        self.seen: list[tuple[str, str]] = []
        self.versions: list[int] = []

    async def run(self, resource_version: str) -> None:
        changes = self._client.watch(MAPS, self._namespace, resource_version=resource_version, type=Map)
        async with aclosing(changes):
            async for change in changes:
                self._note(change)

    def _note(self, change: Change[Map]) -> None:
        if change.object is not None:
            self.seen.append((change.kind, change.object.metadata.name))
            self.versions.append(int(change.resource_version))

    async def sees(self, count: int) -> list[tuple[str, str]]:
        async with asyncio.timeout(40):
            while len(self.seen) < count:  # noqa: ASYNC110 - the condition is the test's own
                await asyncio.sleep(0.02)
        return self.seen


async def make(client: Client, namespace: str, name: str) -> None:
    await client.create(MAPS, {"metadata": {"name": name}}, namespace)


async def now(client: Client, namespace: str) -> str:
    """The version of a list that has the map which Kubernetes puts into every namespace."""
    async with asyncio.timeout(30):
        while True:
            listing = await client.list(MAPS, namespace)
            if listing.items:
                return listing.resource_version
            await asyncio.sleep(0.02)


async def test_every_change_is_seen_in_order(client: Client, namespace: str) -> None:
    watcher = Watcher(client, namespace)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watcher.run(await now(client, namespace)))
        await make(client, namespace, "a")
        await client.patch(MAPS, "a", {"data": {"x": "1"}}, namespace)
        await client.delete(MAPS, "a", namespace)
        assert await watcher.sees(3) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
        running.cancel()
    assert watcher.versions == sorted(watcher.versions)


@pytest.mark.parametrize("clean", [True, False])
async def test_nothing_is_lost_or_doubled_when_connections_end(
    disturbed: Client, proxy: FaultProxy, client: Client, namespace: str, *, clean: bool
) -> None:
    watcher = Watcher(disturbed, namespace)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watcher.run(await now(client, namespace)))
        for number in range(5):
            await proxy.wait_for(WATCHES, number + 1)
            await make(client, namespace, f"before-{number}")
            await watcher.sees(2 * number + 1)
            proxy.rules.clear()
            proxy.rules.append(Rule(CutWatch(clean=clean), nth=1))
            await make(client, namespace, f"after-{number}")
            await watcher.sees(2 * number + 2)
        running.cancel()
    expected = [("ADDED", f"{when}-{number}") for number in range(5) for when in ("before", "after")]
    assert watcher.seen == expected


async def test_a_watch_gets_over_a_server_that_dies(client: Client, sandbox: Sandbox, namespace: str) -> None:
    watcher = Watcher(client, namespace)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watcher.run(await now(client, namespace)))
        await make(client, namespace, "before")
        await watcher.sees(1)
        await sandbox.kill("apiserver")
        async with asyncio.timeout(60):
            while True:
                try:
                    await make(client, namespace, "after")
                except errors.AlreadyExists:
                    break
                except errors.KubeError:
                    await asyncio.sleep(0.1)
                else:
                    break
        assert await watcher.sees(2) == [("ADDED", "before"), ("ADDED", "after")]
        running.cancel()


async def test_an_error_in_the_stream_is_the_callers_business(
    disturbed: Client, proxy: FaultProxy, client: Client, namespace: str
) -> None:
    version = await now(client, namespace)
    proxy.rules.append(Rule(GoneWatch(), WATCHES))
    with pytest.raises(errors.Gone):
        await Watcher(disturbed, namespace).run(version)


async def test_history_that_the_server_no_longer_has(client: Client) -> None:
    group = f"{secrets.token_hex(4)}.example.com"
    await client.create(CRDS, definition(group, "lates", "Late"))
    late = await found(client, f"lates.{group}")
    async with asyncio.timeout(40):
        with pytest.raises(errors.Gone, match="too old resource version"):
            async for _ in client.watch(late, resource_version="1"):
                pass
    await client.delete(CRDS, f"lates.{group}")


async def test_a_watch_of_what_is_not_served(client: Client) -> None:
    nothing = Resource("nothing.example.com", "v1", "things", "Thing")
    with pytest.raises(errors.NotFound):
        async for _ in client.watch(nothing, resource_version="1"):
            pass
