"""A whole small operator: it keeps a ConfigMap's mirror right while the API server is killed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest
from cluster.control.maps import MAPS, PATIENCE, Map, map_of, persistently
from prometheus_client import CollectorRegistry

from holdfast.api.resource import LEASES
from holdfast.control.controlling import Controller, Result
from holdfast.control.electing import Election
from holdfast.control.errors import LeaseLost
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.managing import Manager
from holdfast.control.recording import Recorder, Reference

if TYPE_CHECKING:
    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

SUFFIX = "-mirror"


@dataclass
class Mirroring:
    """Gives every map a mirror with the same data, and removes mirrors without an original."""

    client: Client
    informer: Informer[Map]
    recorder: Recorder

    async def reconcile(self, key: Key) -> Result:
        original, mirror = self.informer.cache.get(key), Key(key.namespace, key.name + SUFFIX)
        known = self.informer.cache.get(mirror)
        if original and (known is None or known.data != original.data):
            await self.client.apply(MAPS, mirrored(original))
            self.recorder.event(Reference.to(MAPS, original), "Normal", "Mirrored", "its mirror is right")
        if not original and known:
            await self.client.delete(MAPS, mirror.name, mirror.namespace)
        return Result()


def mirrored(original: Map) -> dict[str, object]:
    meta = original.metadata
    return {"metadata": {"name": meta.name + SUFFIX, "namespace": meta.namespace}, "data": original.data}


def original_of(obj: Map) -> list[Key]:
    return [Key(obj.metadata.namespace, obj.metadata.name.removesuffix(SUFFIX))]


def operator(client: Client, namespace: str) -> Manager:
    """The whole operator, as a process would put it together."""
    recorder = Recorder(client, "holdfast.dev/mirror")
    informer = Informer(
        client, MAPS, Map, namespace=namespace, keep=lambda obj: obj.metadata.name != "kube-root-ca.crt"
    )
    controller = Controller("mirror", Mirroring(client, informer, recorder))
    controller.follow(informer, original_of)
    manager = Manager(
        client,
        identity="test",
        election=Election(client, namespace, "mirror", "test", lease=20, renew=15, retry=0.5),
        health_address="127.0.0.1:0",
        registry=CollectorRegistry(),
    )
    for part in (recorder, informer, controller):
        manager.add(part)
    return manager


async def values(client: Client, namespace: str) -> dict[str, str]:
    """What is in the cluster now."""
    found = await persistently(lambda: client.list(MAPS, namespace, type=Map))
    return {obj.metadata.name: obj.data["value"] for obj in found.items if "value" in obj.data}


async def until(client: Client, namespace: str, wanted: dict[str, str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await values(client, namespace) != wanted:  # noqa: ASYNC110 - the server is elsewhere
            await asyncio.sleep(0.05)


async def test_a_mirror_stays_right_while_the_api_server_is_killed_twice(
    sandbox: Sandbox, client: Client, namespace: str
) -> None:
    manager, stop = operator(client, namespace), asyncio.Event()
    running = asyncio.create_task(manager.run(stop))
    await client.create(MAPS, map_of("a", value="0"), namespace)
    await client.create(MAPS, map_of("b", value="0"), namespace)
    for value in ("1", "2"):
        before = str(int(value) - 1)
        await until(client, namespace, {"a": before, "a-mirror": before, "b": "0", "b-mirror": "0"})
        await sandbox.kill("apiserver")
        await persistently(lambda: client.apply(MAPS, map_of("a", namespace, value=value), force=True))  # noqa: B023
    await client.delete(MAPS, "b", namespace)
    await until(client, namespace, {"a": "2", "a-mirror": "2"})
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{manager.port}/readyz") as answer:
            assert answer.status == 200
        async with session.get(f"http://127.0.0.1:{manager.port}/metrics") as answer:
            assert 'holdfast_reconcile_seconds_count{controller="mirror"}' in await answer.text()
    stop.set()
    async with asyncio.timeout(PATIENCE):
        await running
    assert "Mirrored" in await sandbox.kubectl("describe", "configmap", "a", "-n", namespace)


async def test_of_two_operators_the_second_works_when_the_first_has_stopped(
    client: Client, namespace: str
) -> None:
    stops = [asyncio.Event(), asyncio.Event()]
    runs = [asyncio.create_task(operator(client, namespace).run(stop)) for stop in stops]
    await client.create(MAPS, map_of("a", value="1"), namespace)
    await until(client, namespace, {"a": "1", "a-mirror": "1"})
    stops[0].set()
    async with asyncio.timeout(PATIENCE):
        await runs[0]
    await client.create(MAPS, map_of("b", value="2"), namespace)
    await until(client, namespace, {"a": "1", "a-mirror": "1", "b": "2", "b-mirror": "2"})
    stops[1].set()
    async with asyncio.timeout(PATIENCE):
        await runs[1]


async def test_a_lost_lease_ends_the_process(client: Client, namespace: str) -> None:
    manager = operator(client, namespace)
    running = asyncio.create_task(manager.run(asyncio.Event()))
    await client.create(MAPS, map_of("a", value="1"), namespace)
    await until(client, namespace, {"a": "1", "a-mirror": "1"})
    await client.patch(LEASES, "mirror", {"spec": {"holderIdentity": "usurper"}}, namespace)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(LeaseLost, match=f"lease {namespace}/mirror is held by usurper now"):
            await running
