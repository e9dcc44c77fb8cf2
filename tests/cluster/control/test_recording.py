"""Events as people see them."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from cluster.control.maps import MAPS, PATIENCE, Map, map_of

from holdfast.api.resource import VOLUMES
from holdfast.control.recording import Recorder, Reference

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster


@asynccontextmanager
async def recording(client: Client) -> AsyncIterator[Recorder]:
    """A recorder that has written everything at the end."""
    recorder = Recorder(client, "holdfast.dev/operator", instance="operator-0")
    task = asyncio.create_task(recorder.run())
    yield recorder
    recorder.stop()
    async with asyncio.timeout(PATIENCE):
        await task


async def events(sandbox: Sandbox, namespace: str, name: str) -> list[dict[str, Any]]:
    text = await sandbox.kubectl("get", "events.v1.events.k8s.io", "-n", namespace, "-o", "json")
    return [item for item in json.loads(text)["items"] if item["regarding"].get("name") == name]


async def test_describe_shows_what_was_said(sandbox: Sandbox, client: Client, namespace: str) -> None:
    obj = await client.create(MAPS, map_of("settings", value="1"), namespace, type=Map)
    async with recording(client) as recorder:
        recorder.event(Reference.to(MAPS, obj), "Warning", "NotReady", "snapshot a is not ready yet")
    shown = await sandbox.kubectl("describe", "configmap", "settings", "-n", namespace)
    assert "NotReady" in shown
    assert "snapshot a is not ready yet" in shown
    assert "holdfast.dev/operator" in shown


async def test_repetitions_are_counted_on_one_event(sandbox: Sandbox, client: Client, namespace: str) -> None:
    obj = await client.create(MAPS, map_of("settings", value="1"), namespace, type=Map)
    async with recording(client) as recorder:
        recorder.event(Reference.to(MAPS, obj), "Normal", "Taken", "snapshot a")
        while not await events(sandbox, namespace, "settings"):  # noqa: ASYNC110 - the server is elsewhere
            await asyncio.sleep(0.05)
        for _ in range(4):
            recorder.event(Reference.to(MAPS, obj), "Normal", "Taken", "snapshot a")
    (event,) = await events(sandbox, namespace, "settings")
    assert (event["series"]["count"], event["type"], event["reason"]) == (5, "Normal", "Taken")


async def test_events_on_objects_without_a_namespace_are_kept_in_default(
    sandbox: Sandbox, client: Client, namespace: str
) -> None:
    async with recording(client) as recorder:
        recorder.event(
            Reference(VOLUMES.api_version, VOLUMES.kind, namespace), "Normal", "Kept", "it is safe"
        )
    (event,) = await events(sandbox, "default", namespace)
    assert event["note"] == "it is safe"


async def test_events_that_the_server_refuses_stop_nothing(
    sandbox: Sandbox, client: Client, namespace: str
) -> None:
    obj = await client.create(MAPS, map_of("settings", value="1"), namespace, type=Map)
    async with recording(client) as recorder:
        recorder.event(Reference("v1", "ConfigMap", "x", "no-such-namespace"), "Normal", "Taken", "nowhere")
        recorder.event(Reference.to(MAPS, obj), "Strange", "Taken", "no such type")
        recorder.event(Reference.to(MAPS, obj), "Normal", "Taken", "still here")
    assert [event["note"] for event in await events(sandbox, namespace, "settings")] == ["still here"]
