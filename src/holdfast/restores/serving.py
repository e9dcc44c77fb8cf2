"""Which kinds the cluster serves, for objects that were saved in another."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.resource import Resource
    from holdfast.kube.discovery import Discovery
    from holdfast.restores.choosing import Item

_PATIENCE = 60.0
"""Seconds until a definition that was made must be served."""
_LOOK = 0.1


class Served:
    """What discovery says, looked at anew when definitions were made."""

    def __init__(self, discovery: Discovery) -> None:
        self._discovery = discovery
        self._known: dict[str, dict[str, Resource]] = {}

    async def look(self) -> None:
        """Ask the server."""
        known = await self._discovery.everything()
        self._known = {}
        for kind in known:
            resource = kind.resource
            self._known.setdefault(resource.qualified, {})[resource.api_version] = resource

    def find(self, item: Item) -> Resource | None:
        """The resource of an object, in the version in which it was saved; None: it is not served."""
        return self._known.get(item.key.resource, {}).get(item.api_version)

    def why_not(self, item: Item) -> str:
        """Why an object cannot be made, for the user."""
        if versions := self._known.get(item.key.resource):
            return (
                f"{item.kind}:{item.key.name} was saved as {item.api_version}; the cluster serves "
                f"{', '.join(versions)}: convert it (`holdfast backup cat`) and apply it"
            )
        return (
            f"{item.kind}:{item.key.name} cannot be restored: the cluster has no resource type "
            f"{item.key.resource}; install its definition and restore again"
        )

    async def wait_for(self, names: Iterable[str]) -> None:
        """Until these resources are served, or have had their time; what is not served fails object by object."""
        missing = set(names) - self._known.keys()
        try:
            async with asyncio.timeout(_PATIENCE):
                while missing:
                    await asyncio.sleep(_LOOK)
                    with suppress(errors.KubeError):
                        await self.look()
                    missing -= self._known.keys()
        except TimeoutError:
            return
