"""An object that asks for long work, such as a Backup, while that is done.

How far the work is goes into the object, and what becomes of the object stops the work.
A run is known by the moment of its start, which stands in the object. Whoever takes a run for dead writes another
start over it, with the version that was read; the run that was not dead learns of it here.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from holdfast.api.meta import Metadata, View
from holdfast.control.errors import SupersededError, WithdrawnError
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client

T = TypeVar("T")
_EVERY = 1.0
"""Seconds between two looks at the object."""


class _Status(View, frozen=True):
    start_timestamp: str = ""


class Begun(View, frozen=True):
    """An object whose work has begun, as far as it tells one run from another."""

    metadata: Metadata
    status: _Status = _Status()


class Run:
    """One run, from the object as it stood when it began."""

    def __init__(self, client: Client, resource: Resource, raw: Mapping[str, Any]) -> None:
        self._client, self._resource = client, resource
        self._begun = msgspec.convert(raw, Begun)
        self._progress: dict[str, int] = {}
        self._told: dict[str, int] = {}

    def tell(self, **progress: int) -> None:
        """So far it is, in the fields of `status.progress`."""
        self._progress = progress

    @property
    def _named(self) -> str:
        return f"{self._resource.kind} {self._begun.metadata.name}"

    async def confirm(self) -> Begun:
        """Give the object as it is now.

        Raises:
            WithdrawnError: it is gone, or about to go.
            SupersededError: another run of it has begun.
        """
        meta = self._begun.metadata
        try:
            found = await self._client.get(self._resource, meta.name, meta.namespace, type=Begun)
        except errors.NotFound:
            raise WithdrawnError(f"{self._named} was deleted while it was carried out") from None
        if found.metadata.uid != meta.uid or found.metadata.deletion_timestamp:
            raise WithdrawnError(f"{self._named} was deleted while it was carried out")
        if found.status.start_timestamp != self._begun.status.start_timestamp:
            raise SupersededError(f"{self._named} is carried out by another operator")
        return found

    async def accompany(self) -> None:
        """Tell the object how far it is, until something stops the run. What fails is tried a second later."""
        while True:
            await asyncio.sleep(_EVERY)
            try:
                found = await self.confirm()
                if (progress := self._progress) != self._told:
                    await self._write({"progress": progress}, found.metadata.resource_version)
                    self._told = progress
            except errors.KubeError:
                continue

    async def end(self, status: dict[str, Any]) -> None:
        """Write what became of it. Tried again when somebody else wrote meanwhile.

        Raises:
            WithdrawnError, SupersededError: as `confirm`.
        """
        while True:
            found = await self.confirm()
            try:
                return await self._write(status, found.metadata.resource_version)
            except errors.Conflict:
                continue

    async def _write(self, status: dict[str, Any], version: str) -> None:
        meta = self._begun.metadata
        body = {"metadata": {"resourceVersion": version}, "status": status}
        await self._client.patch(self._resource, meta.name, body, meta.namespace)


async def accompanied(run: Run, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; what stops the run stops the work.

    Raises:
        WithdrawnError, SupersededError: as `Run.confirm`.
    """
    task, company = asyncio.ensure_future(work), asyncio.ensure_future(run.accompany())
    try:
        await asyncio.wait({task, company}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        company.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if task.cancelled():
        await company
    return await task


class Others:
    """Objects that another operator has taken over from this one, which then lives: they are left to it.

    Whether it still lives is judged by the local clock and by changes of the object, as with a Lease.
    """

    def __init__(self, patience: float) -> None:
        """None yet; who has not changed the object for `patience` seconds is dead."""
        self._patience = patience
        self._seen: dict[str, tuple[str, float]] = {}

    def note(self, found: Metadata) -> None:
        """It has been taken over."""
        self._seen[found.uid] = found.resource_version, time.monotonic()

    def are_at(self, found: Metadata) -> bool:
        """Whether another operator is at work on it."""
        version, since = self._seen.get(found.uid, ("", 0.0))
        if not version:
            return False
        if version != found.resource_version:
            self.note(found)
            return True
        return time.monotonic() - since < self._patience
