"""The client against a real API server."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from cluster.kube.served import definition, found
from structlog.testing import capture_logs

from holdfast.api.resource import CLAIMS, CRDS, PODS, Resource
from holdfast.kube import errors
from holdfast.kube.access import load_access
from holdfast.kube.client import Client, PatchKind
from holdfast_sandbox.proxy import Answer, DropAnswer, DropRequest, Match, Rule

if TYPE_CHECKING:
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import FaultProxy

pytestmark = pytest.mark.cluster
MAPS = Resource("", "v1", "configmaps", "ConfigMap")
MINE = "metadata.name!=kube-root-ca.crt"


class Meta(msgspec.Struct, rename="camel"):
    name: str
    uid: str
    resource_version: str


class Map(msgspec.Struct):
    metadata: Meta
    data: dict[str, str] = {}


def map_of(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


async def test_an_object_is_made_read_changed_and_removed(client: Client, namespace: str) -> None:
    made = await client.create(MAPS, map_of("a", x="1"), namespace)
    assert await client.get(MAPS, "a", namespace) == made
    made["data"] = {"x": "2"}
    replaced = await client.replace(MAPS, made)
    patched = await client.patch(MAPS, "a", {"data": {"y": "3"}}, namespace)
    assert replaced["data"] == {"x": "2"}
    assert patched["data"] == {"x": "2", "y": "3"}
    typed = await client.get(MAPS, "a", namespace, type=Map)
    assert typed.data == {"x": "2", "y": "3"}
    await client.delete(MAPS, "a", namespace)
    with pytest.raises(errors.NotFound, match=f'get configmaps {namespace}/a: configmaps "a" not found'):
        await client.get(MAPS, "a", namespace)


async def test_creating_twice_and_replacing_something_old(client: Client, namespace: str) -> None:
    made = await client.create(MAPS, map_of("a"), namespace)
    with pytest.raises(errors.AlreadyExists):
        await client.create(MAPS, map_of("a"), namespace)
    await client.patch(MAPS, "a", {"data": {"x": "1"}}, namespace)
    with pytest.raises(errors.Conflict):
        await client.replace(MAPS, made)


async def test_kinds_of_patches(client: Client, namespace: str) -> None:
    await client.create(MAPS, map_of("a", x="1"), namespace)
    steps = [{"op": "test", "path": "/data/x", "value": "1"}, {"op": "remove", "path": "/data/x"}]
    patched = await client.patch(MAPS, "a", steps, namespace, kind=PatchKind.JSON)
    assert "data" not in patched
    with pytest.raises(errors.Invalid):
        await client.patch(MAPS, "a", steps, namespace, kind=PatchKind.JSON)
    labels = {"metadata": {"labels": {"a": "b"}}}
    patched = await client.patch(MAPS, "a", labels, namespace, kind=PatchKind.STRATEGIC)
    assert patched["metadata"]["labels"] == {"a": "b"}


async def test_a_field_that_the_server_does_not_know_is_refused(client: Client, namespace: str) -> None:
    with pytest.raises(errors.BadRequest, match='unknown field "dta"'):
        await client.create(MAPS, map_of("a") | {"dta": {}}, namespace)
    await client.create(MAPS, map_of("a"), namespace)
    with pytest.raises(errors.ApiError, match="dta"):
        await client.apply(MAPS, {"metadata": {"name": "a", "namespace": namespace}, "dta": {}})
    with pytest.raises(errors.ApiError, match="dta"):
        await client.patch(MAPS, "a", {"dta": {"x": "1"}}, namespace)


async def test_apply_owns_its_fields_and_no_others(client: Client, sandbox: Sandbox, namespace: str) -> None:
    mine = {"metadata": {"name": "a", "namespace": namespace}, "data": {"x": "1"}}
    await client.apply(MAPS, mine)
    async with Client(load_access(sandbox.kubeconfig), field_manager="other") as other:
        theirs = {"metadata": mine["metadata"], "data": {"x": "2", "y": "2"}}
        with pytest.raises(errors.Conflict, match='conflict with "holdfast"'):
            await other.apply(MAPS, theirs)
        assert (await other.apply(MAPS, theirs, force=True))["data"] == {"x": "2", "y": "2"}
    applied = await client.apply(MAPS, {"metadata": mine["metadata"]})
    assert applied["data"] == {"x": "2", "y": "2"}


async def test_a_dry_run_changes_nothing(client: Client, namespace: str) -> None:
    assert (await client.create(MAPS, map_of("a"), namespace, dry_run=True))["metadata"]["uid"]
    with pytest.raises(errors.NotFound):
        await client.get(MAPS, "a", namespace)
    made = await client.create(MAPS, map_of("a", x="1"), namespace)
    changed = made | {"data": {"x": "2"}}
    assert (await client.replace(MAPS, changed, dry_run=True))["data"] == {"x": "2"}
    await client.patch(MAPS, "a", {"data": {"x": "3"}}, namespace, dry_run=True)
    await client.apply(MAPS, {"metadata": {"name": "a", "namespace": namespace}}, dry_run=True)
    await client.delete(MAPS, "a", namespace, dry_run=True)
    assert await client.get(MAPS, "a", namespace) == made


async def test_the_status_is_written_apart(client: Client, namespace: str) -> None:
    claim = {
        "metadata": {"name": "c", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Mi"}},
            "storageClassName": "none",
        },
    }
    made = await client.create(CLAIMS, claim)
    condition = {"type": "Resizing", "status": "True"}
    patched = await client.patch(
        CLAIMS, "c", {"status": {"conditions": [condition]}}, namespace, subresource="status"
    )
    assert patched["status"]["conditions"][0]["type"] == "Resizing"
    patched["status"]["conditions"] = []
    replaced = await client.replace(CLAIMS, patched, subresource="status")
    assert "conditions" not in replaced["status"]
    made["status"] = {"phase": "Lost"}
    made["metadata"]["resourceVersion"] = replaced["metadata"]["resourceVersion"]
    assert (await client.replace(CLAIMS, made))["status"]["phase"] == "Pending"


async def test_only_the_very_object_is_deleted(client: Client, namespace: str) -> None:
    old = await client.create(MAPS, map_of("a"), namespace, type=Map)
    await client.delete(MAPS, "a", namespace, uid=old.metadata.uid)
    new = await client.create(MAPS, map_of("a"), namespace, type=Map)
    with pytest.raises(errors.Conflict, match="UID in the precondition"):
        await client.delete(MAPS, "a", namespace, uid=old.metadata.uid)
    await client.patch(MAPS, "a", {"data": {"x": "1"}}, namespace)
    with pytest.raises(errors.Conflict, match="ResourceVersion in the precondition"):
        await client.delete(MAPS, "a", namespace, resource_version=new.metadata.resource_version)
    await client.delete(MAPS, "a", namespace, uid=new.metadata.uid)


async def test_an_empty_name_never_means_all(client: Client, namespace: str) -> None:
    await client.create(MAPS, map_of("a"), namespace)
    with pytest.raises(ValueError, match="no name"):
        await client.delete(MAPS, "", namespace)
    assert await client.get(MAPS, "a", namespace)


async def test_a_missing_right_is_named(sandbox: Sandbox, namespace: str) -> None:
    jane = replace(load_access(sandbox.kubeconfig), headers=(("Impersonate-User", "jane"),))
    async with Client(jane) as client:
        with pytest.raises(errors.Forbidden, match=f"Grant the right to list pods in {namespace}"):
            await client.list(PODS, namespace)


async def test_lists_are_of_one_moment_however_many_pages(client: Client, namespace: str) -> None:
    names = {f"m-{number}" for number in range(1_700)}
    room = asyncio.Semaphore(64)

    async def make(name: str) -> None:
        async with room:
            await client.create(MAPS, map_of(name), namespace)

    await asyncio.gather(*(make(name) for name in names))
    pages = client.pages(MAPS, namespace, fields=MINE)
    first = await anext(pages)
    await client.create(MAPS, map_of("zzz-late"), namespace)
    await client.delete(MAPS, max(names), namespace)
    rest = [page async for page in pages]
    assert [len(page.items) for page in (first, *rest)] == [500, 500, 500, 200]
    assert {page.resource_version for page in rest} == {first.resource_version}
    seen = [msgspec.json.decode(raw, type=Map) for page in (first, *rest) for raw in page.items]
    assert {item.metadata.name for item in seen} == names
    now = await client.list(MAPS, namespace, fields=MINE, type=Map)
    assert {item.metadata.name for item in now.items} == names - {max(names)} | {"zzz-late"}


async def test_lists_are_selected_by_the_server(client: Client, namespace: str) -> None:
    for name, colour in (("a", "red"), ("b", "blue")):
        body = map_of(name)
        body["metadata"]["labels"] = {"colour": colour}
        await client.create(MAPS, body, namespace)
    found = await client.list(MAPS, namespace, labels="colour in (red, green)")
    assert [item["metadata"]["name"] for item in found.items] == ["a"]
    assert (found.items[0]["apiVersion"], found.items[0]["kind"]) == ("v1", "ConfigMap")
    everywhere = await client.list(MAPS, labels="colour", fields=f"metadata.namespace={namespace}")
    assert len(everywhere.items) == 2


async def test_a_list_whose_moment_is_forgotten_starts_over(
    disturbed: Client, proxy: FaultProxy, client: Client, namespace: str
) -> None:
    await asyncio.gather(*(client.create(MAPS, map_of(f"m-{n}"), namespace) for n in range(501)))
    rule = proxy.rules.append(Rule(Answer(410), Match(verb="list"), nth=2))
    found = await disturbed.list(MAPS, namespace, fields=MINE)
    assert len(rule.hits) == 1
    assert len(found.items) == 501
    assert proxy.count(Match(verb="list")) == 4


async def test_pages_whose_moment_is_forgotten_are_the_callers_business(
    disturbed: Client, proxy: FaultProxy, client: Client, namespace: str
) -> None:
    await asyncio.gather(*(client.create(MAPS, map_of(f"m-{n}"), namespace) for n in range(3)))
    proxy.rules.append(Rule(Answer(410), Match(verb="list"), nth=2))
    pages = disturbed.pages(MAPS, namespace, fields=MINE, limit=2)
    await anext(pages)
    with pytest.raises(errors.Gone):
        await anext(pages)


async def test_a_lost_reply_leaves_the_outcome_open_and_is_not_repeated(
    disturbed: Client, proxy: FaultProxy, client: Client, namespace: str
) -> None:
    made = await disturbed.create(MAPS, map_of("a"), namespace)
    proxy.rules.append(Rule(DropAnswer(), Match(writes=True)))
    with pytest.raises(errors.Unreachable) as caught:
        await disturbed.delete(MAPS, "a", namespace, uid=made["metadata"]["uid"])
    assert caught.value.sent
    assert proxy.count(Match(verb="delete")) == 1
    with pytest.raises(errors.NotFound):
        await client.get(MAPS, "a", namespace)


async def test_a_read_gets_over_a_cut_connection_and_a_busy_server(
    disturbed: Client, proxy: FaultProxy, client: Client, namespace: str
) -> None:
    await client.create(MAPS, map_of("a"), namespace)
    proxy.rules.append(Rule(DropRequest(), Match(verb="get"), nth=1))
    proxy.rules.append(Rule(Answer(429), Match(verb="get"), nth=2))
    proxy.rules.append(Rule(Answer(500), Match(verb="get"), nth=3))
    assert (await disturbed.get(MAPS, "a", namespace))["metadata"]["name"] == "a"
    assert proxy.count(Match(verb="get")) == 4


async def test_a_deprecated_version_is_warned_about(client: Client) -> None:
    group = f"{secrets.token_hex(4)}.example.com"
    warning = {"deprecated": True, "deprecationWarning": f"{group} is old"}
    await client.create(CRDS, definition(group, "olds", "Old", **warning))
    with capture_logs() as logs:
        resource = await found(client, f"olds.{group}")
        await client.list(resource)
    assert [entry["warning"] for entry in logs] == [f"{group} is old"]
    await client.delete(CRDS, f"olds.{group}")
