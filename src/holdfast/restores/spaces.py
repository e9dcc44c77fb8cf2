"""Namespaces that a restore needs: those on their way out are waited for, missing ones are made."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from holdfast.api.meta import View
from holdfast.api.resource import NAMESPACES
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.kube.client import Client
    from holdfast.policy.restoring.preparing import Change

_GOING = 600.0
"""Seconds that a namespace may take to go, as with Velero."""
_LOOK = 0.5


class _Status(View, frozen=True):
    phase: str = ""


class _Metadata(View, frozen=True):
    name: str


class _Space(View, frozen=True):
    metadata: _Metadata
    status: _Status = _Status()


class Spaces:
    """The namespaces of one restore, by their new names."""

    def __init__(self, client: Client, targets: Iterable[str], change: Change) -> None:
        """Nothing is looked at yet.

        Args:
            client: the cluster.
            targets: which are needed.
            change: whose labels they get.
        """
        self._client, self._targets, self._change = client, frozenset(targets), change
        self._phases: dict[str, str] = {}

    async def look(self) -> None:
        """Ask which there are."""
        self._phases = {}
        async for page in self._client.pages(NAMESPACES):
            for item in page.items:
                space = msgspec.json.decode(item, type=_Space)
                self._phases[space.metadata.name] = space.status.phase

    def lacks(self, name: str) -> bool:
        """Whether nothing can be made in a namespace yet."""
        return bool(name) and self._phases.get(name, "Terminating") == "Terminating"

    async def wait_for_the_going(self) -> None:
        """Until none of them is on its way out, or ten minutes have passed; then the server refuses."""
        try:
            async with asyncio.timeout(_GOING):
                await self.look()
                while self._targets & {n for n, phase in self._phases.items() if phase == "Terminating"}:
                    await asyncio.sleep(_LOOK)
                    await self.look()
        except TimeoutError:
            return

    async def make_missing(self) -> None:
        """Make those that the backup did not bring."""
        if self._targets <= self._phases.keys():
            return
        await self.wait_for_the_going()
        for name in sorted(self._targets - self._phases.keys()):
            try:
                await self._client.create(
                    NAMESPACES, {"metadata": {"name": name, "labels": self._change.labels}}
                )
            except errors.ApiError:
                continue  # whatever is to come into it says why it cannot
        await self.look()
