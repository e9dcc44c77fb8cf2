"""The informer against a real API server, with outages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cluster.control.maps import MAPS, Map, eventually, map_of, persistently, running
from prometheus_client import CollectorRegistry

from holdfast.api.resource import Resource
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.measuring import Metrics
from holdfast_sandbox.proxy import CutWatch, GoneWatch, Match, Rule, StallWatch

if TYPE_CHECKING:
    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import FaultProxy

pytestmark = pytest.mark.cluster


def own_maps(client: Client, namespace: str) -> Informer[Map]:
    """Maps that a test made, without those that Kubernetes puts into every namespace."""
    return Informer(
        client, MAPS, Map, namespace=namespace, keep=lambda obj: obj.metadata.name != "kube-root-ca.crt"
    )


def value_of(obj: Map | None) -> str | None:
    return obj.data["value"] if obj else None


def state(informer: Informer[Map]) -> dict[str, str]:
    return {obj.metadata.name: obj.data["value"] for obj in informer.cache.all()}


async def test_it_knows_what_is_there_and_sees_what_is_added_changed_and_deleted(
    client: Client, namespace: str
) -> None:
    await client.create(MAPS, map_of("old", value="0"), namespace)
    informer = own_maps(client, namespace)
    seen: list[tuple[str | None, str | None]] = []
    async with running(informer):
        assert state(informer) == {"old": "0"}
        informer.subscribe(lambda old, new: seen.append((value_of(old), value_of(new))))
        await client.create(MAPS, map_of("new", value="1"), namespace)
        await eventually(lambda: state(informer) == {"old": "0", "new": "1"})
        await client.patch(MAPS, "new", {"data": {"value": "2"}}, namespace)
        await eventually(lambda: state(informer) == {"old": "0", "new": "2"})
        await client.delete(MAPS, "old", namespace)
        await eventually(lambda: state(informer) == {"new": "2"})
    assert seen == [(None, "0"), (None, "1"), ("1", "2"), ("0", None)]


async def test_more_objects_than_a_page_holds(client: Client, namespace: str) -> None:
    names = [f"map-{number}" for number in range(1100)]
    for start in range(0, len(names), 100):
        await asyncio.gather(
            *(client.create(MAPS, map_of(name, value="x"), namespace) for name in names[start : start + 100])
        )
    informer = own_maps(client, namespace)
    async with running(informer):
        assert sorted(state(informer)) == sorted(names)


async def test_a_resource_that_the_cluster_does_not_have_is_empty_and_keeps_nobody_waiting(
    client: Client,
) -> None:
    unknown = Resource("nowhere.example.com", "v1", "things", "Thing")
    informer = Informer(client, unknown, Map, optional=True)
    async with running(informer):
        assert not list(informer.cache.all())


async def test_selectors_are_the_servers_and_leaving_one_is_a_deletion(
    client: Client, namespace: str
) -> None:
    body = map_of("chosen", value="1")
    body["metadata"]["labels"] = {"team": "storage"}
    await client.create(MAPS, body, namespace)
    await client.create(MAPS, map_of("other", value="1"), namespace)
    informer = Informer(client, MAPS, Map, namespace=namespace, labels="team=storage")
    async with running(informer):
        assert state(informer) == {"chosen": "1"}
        await client.patch(MAPS, "chosen", {"metadata": {"labels": {"team": None}}}, namespace)
        await eventually(lambda: state(informer) == {})


async def test_it_survives_the_death_of_the_api_server(
    sandbox: Sandbox, client: Client, namespace: str
) -> None:
    await client.create(MAPS, map_of("goes", value="0"), namespace)
    informer = own_maps(client, namespace)
    async with running(informer):
        for value in ("1", "2"):
            await sandbox.kill("apiserver")
            await persistently(lambda: client.apply(MAPS, map_of("stays", namespace, value=value)))  # noqa: B023
            await eventually(lambda: state(informer).get("stays") == value)  # noqa: B023
        await client.delete(MAPS, "goes", namespace)
        await eventually(lambda: state(informer) == {"stays": "2"})


async def test_a_cut_watch_resumes_without_listing_again(
    proxy: FaultProxy, disturbed: Client, client: Client, namespace: str
) -> None:
    informer = own_maps(disturbed, namespace)
    async with running(informer):
        await client.create(MAPS, map_of("a", value="1"), namespace)
        await eventually(lambda: state(informer) == {"a": "1"})
        cut = proxy.rules.append(Rule(CutWatch(), Match(resource="configmaps"), nth=1))
        await client.create(MAPS, map_of("b", value="1"), namespace)
        await eventually(lambda: state(informer) == {"a": "1", "b": "1"})
    assert len(cut.hits) == 1
    assert [call.verb for call in proxy.calls].count("list") == 1


async def test_it_lists_again_when_the_server_has_forgotten_and_announces_what_is_gone(
    proxy: FaultProxy, disturbed: Client, client: Client, namespace: str
) -> None:
    """What happens while a watch is silent is seen when the watch turns out to be too old."""
    registry = CollectorRegistry()
    informer = own_maps(disturbed, namespace)
    informer.measure(Metrics(registry))
    await client.create(MAPS, map_of("goes", value="1"), namespace)
    await client.create(MAPS, map_of("changes", value="1"), namespace)
    gone: list[Key] = []
    async with running(informer):
        informer.subscribe(lambda old, new: gone.append(Key.of(old)) if old and not new else None)
        stall = StallWatch()
        proxy.rules.append(Rule(stall, Match(resource="configmaps"), nth=1))
        await client.delete(MAPS, "goes", namespace)
        await client.patch(MAPS, "changes", {"data": {"value": "2"}}, namespace)
        await client.create(MAPS, map_of("comes", value="1"), namespace)
        assert state(informer) == {"goes": "1", "changes": "1"}
        proxy.rules.clear()
        proxy.rules.append(Rule(GoneWatch(), Match(resource="configmaps"), nth=1))
        await eventually(lambda: state(informer) == {"changes": "2", "comes": "1"})
    assert gone == [Key(namespace, "goes")]
    assert registry.get_sample_value("holdfast_informer_lists_total", {"resource": "configmaps"}) == 2
