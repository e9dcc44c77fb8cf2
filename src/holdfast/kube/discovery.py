"""What the server serves: asked once in one go, kept for a while, and asked anew when a name is unknown.

Servers that do not know aggregated discovery are asked group by group. An extension server that does not answer
hides its own kinds and no others.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from holdfast.kube import errors, kinds
from holdfast.kube.requests import Request

if TYPE_CHECKING:
    from holdfast.api.resource import Resource
    from holdfast.kube.transport import Transport

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
_KEPT = 300.0


class Discovery:
    """The kinds of one server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._kinds: list[kinds.Kind] = []
        self._silent: list[str] = []
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, name: str) -> Resource:
        """What is meant by a plural, singular, short name or kind, with `.group` or `.version.group` or without.

        Raises:
            NotFound: the server serves no such thing, as of now.
        """
        asked_at = self._asked_at
        if time.monotonic() - asked_at < _KEPT and (known := kinds.find(self._kinds, name)):
            return known
        await self._refresh(asked_at)
        if found := kinds.find(self._kinds, name):
            return found
        hidden = f"; not answering: {', '.join(self._silent)}" if self._silent else ""
        raise errors.NotFound(404, "NotFound", f"the server has no resource type {name!r}{hidden}")

    async def kind(self, api_version: str, kind: str) -> Resource:
        """The resource of a kind, as owner references name it; in any version if that one is not served any more.

        Raises:
            NotFound: the server serves no such kind, as of now.
        """
        group = api_version.rpartition("/")[0]
        return await self.find(f"{kind}.{group}" if group else kind)

    async def everything(self) -> list[kinds.Kind]:
        """All kinds in all versions, asked now: what a minute ago was not served may be meant."""
        await self._refresh(self._asked_at)
        return self._kinds

    def scales(self, resource: Resource) -> bool:
        """Whether a resource that was found has a scale subresource."""
        return any(kind.scales for kind in self._kinds if kind.resource == resource)

    async def _refresh(self, seen: float) -> None:
        async with self._lock:
            if self._asked_at == seen:
                core, groups = await asyncio.gather(self._root("/api"), self._root("/apis"))
                self._kinds, self._silent = core[0] + groups[0], core[1] + groups[1]
                self._asked_at = time.monotonic()

    async def _root(self, path: str) -> tuple[list[kinds.Kind], list[str]]:
        known, unlisted, silent = kinds.read_root(await self._ask(path, {"Accept": _AGGREGATED}))
        parts = await asyncio.gather(*(self._group_version(f"{path}/{name}") for name in unlisted))
        silent += [name for name, part in zip(unlisted, parts, strict=True) if part is None]
        return known + [kind for part in parts for kind in part or ()], silent

    async def _group_version(self, path: str) -> list[kinds.Kind] | None:
        try:
            return kinds.read_group_version(await self._ask(path, {}))
        except errors.ApiError:
            return None

    async def _ask(self, path: str, headers: dict[str, str]) -> bytes:
        return await self._transport.send(Request("GET", path, headers=headers, asked=f"discover {path}"))
