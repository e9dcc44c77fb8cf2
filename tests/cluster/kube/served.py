"""Kinds that a test adds to the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client


def definition(group: str, plural: str, kind: str, **version: Any) -> dict[str, Any]:  # noqa: ANN401
    """A CRD without a schema."""
    served = {"name": "v1", "served": True, "storage": True, **version}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [served | {"schema": schema}],
        },
    }


async def found(client: Client, name: str) -> Resource:
    """A resource that is about to be served."""
    async with asyncio.timeout(30):
        while True:
            try:
                resource = await client.discovery.find(name)
                await client.list(resource)
            except errors.NotFound:
                await asyncio.sleep(0.05)
            else:
                return resource
