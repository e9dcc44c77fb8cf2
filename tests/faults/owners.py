"""Which namespace a call is about, also where its object has none.

A volume is named after the UID of the claim it was provisioned for, a snapshot's content after the UID of its
snapshot; both exist well before anybody can name the volume or the content.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, Self

from holdfast.api.resource import CLAIMS, SNAPSHOTS
from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client
    from holdfast_sandbox.proxy import Call

_PREFIXES: Final = {"persistentvolumes": "pvc-", "volumesnapshotcontents": "snapcontent-"}


class Owners:
    """Knows all claims and snapshots there are and were. In use as a context it watches them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._namespaces: dict[str, str] = {}
        self._ready = [asyncio.Event(), asyncio.Event()]
        self.strays: list[Call] = []
        """Calls about objects of which nobody knew whose they are."""

    async def __aenter__(self) -> Self:
        resources = zip((CLAIMS, SNAPSHOTS), self._ready, strict=True)
        self._tasks = [asyncio.create_task(self._follow(*each)) for each in resources]
        await asyncio.gather(*(event.wait() for event in self._ready))
        return self

    async def __aexit__(self, *raised: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def namespace_of(self, call: Call) -> str:
        """Empty for a call that is about no namespace in particular."""
        if call.namespace or call.resource not in _PREFIXES or not call.name:
            return call.namespace
        owner = self._namespaces.get(call.name.removeprefix(_PREFIXES[call.resource]), "")
        if not owner and call not in self.strays:
            self.strays.append(call)
        return owner

    async def _follow(self, resource: Resource, ready: asyncio.Event) -> None:
        while True:
            listing = await self._client.list(resource)
            for item in listing.items:
                self._learn(item)
            ready.set()
            with contextlib.suppress(errors.Gone):
                async for change in self._client.watch(resource, resource_version=listing.resource_version):
                    if change.object:
                        self._learn(change.object)

    def _learn(self, item: dict[str, dict[str, str]]) -> None:
        self._namespaces[item["metadata"]["uid"]] = item["metadata"]["namespace"]
