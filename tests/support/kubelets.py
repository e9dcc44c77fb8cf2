"""What a kubelet would say of pods that nothing runs: that they are up and ready, and that they have ended.

Controllers believe it, so that the readiness of their workloads is counted by themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from holdfast.api.resource import PODS
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast.kube.client import Client
    from support.objects import Manifest

_READY = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}


@asynccontextmanager
async def kubelet(client: Client, namespace: str) -> AsyncIterator[None]:
    """Pods of the namespace that have a node become ready, and end when they are deleted, while this is in use."""
    task = asyncio.create_task(_follow(client, namespace))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _follow(client: Client, namespace: str) -> None:
    while True:
        listing = await client.list(PODS, namespace)
        for pod in listing.items:
            await _serve(client, pod)
        with contextlib.suppress(errors.Gone):
            async for change in client.watch(PODS, namespace, resource_version=listing.resource_version):
                if change.object:
                    await _serve(client, change.object)


async def _serve(client: Client, pod: Manifest) -> None:
    meta = pod["metadata"]
    with contextlib.suppress(errors.NotFound, errors.Conflict):
        if "deletionTimestamp" in meta:
            path = PODS.path(meta["namespace"], meta["name"])
            body = {"gracePeriodSeconds": 0, "preconditions": {"uid": meta["uid"]}}
            await client.request("DELETE", path, body={"apiVersion": "v1", "kind": "DeleteOptions", **body})
        elif pod["spec"].get("nodeName") and pod.get("status", {}).get("phase") == "Pending":
            up = {"status": {"phase": "Running", "conditions": [_READY]}}
            await client.patch(PODS, meta["name"], up, meta["namespace"], subresource="status")
