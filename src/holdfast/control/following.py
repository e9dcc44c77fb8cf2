"""An object that asks for long work, such as a Backup, while that is done.

How far the work is goes into the object, and what becomes of the object stops the work.
A run is known by an id of its own, which stands in an annotation of the object. Whoever takes a run for dead writes
another id over it, with the version that was read; the run that was not dead learns of it here.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import structlog

from holdfast.api.keys import RUN
from holdfast.api.meta import Metadata, View
from holdfast.control.controlling import Result
from holdfast.control.errors import SupersededError, WithdrawnError
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping

    from holdfast.api.resource import Resource
    from holdfast.control.informing import Informer
    from holdfast.control.keys import Key
    from holdfast.kube.client import Client

logger = structlog.get_logger()
T = TypeVar("T")
_EVERY = 1.0
"""Seconds between two looks at the object."""
AGAIN = 30.0
"""Seconds without a sign of life after which an object that another operator works on is taken over."""


class Begun(View, frozen=True):
    """An object whose work has begun, as far as it tells one run from another."""

    metadata: Metadata

    @property
    def run(self) -> str:
        return self.metadata.annotations.get(RUN, "")


def new_run() -> dict[str, str]:
    """The annotation that a run writes when it begins."""
    return {RUN: uuid.uuid4().hex}


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
        if found.run != self._begun.run:
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


class LongWork:
    """Carries objects out whose work takes long, and leaves them to another operator that has taken one over.

    Whether that one still lives is judged by the local clock and by changes of the object, as with a Lease.
    """

    def __init__(
        self,
        objects: Informer[Any],
        due: Collection[str],
        carry_out: Callable[[Key], Awaitable[None]],
        patience: float = AGAIN,
    ) -> None:
        """Nothing was taken over yet.

        Args:
            objects: which there are; each has `metadata` and `status.phase`.
            due: phases in which there is something to do.
            carry_out: does it; raises errors of runs and of the API server.
            patience: seconds without a change after which another operator is dead.
        """
        self._objects, self._due, self._carry_out = objects, due, carry_out
        self._patience = patience
        self._others: dict[str, tuple[str, float]] = {}

    async def reconcile(self, key: Key) -> Result:
        """Do what is due for one object."""
        known = self._objects.cache.get(key)
        if known is None or known.status.phase not in self._due:
            return Result()
        if self._another_is_at(known.metadata):
            return Result(after=self._patience)
        try:
            await self._carry_out(key)
        except (WithdrawnError, errors.NotFound):
            logger.info("withdrawn", object=str(key))
        except SupersededError as error:
            logger.warning("left to another operator", object=str(key), reason=str(error))
            self._note(known.metadata)
            return Result(after=self._patience)
        return Result()

    def _note(self, found: Metadata) -> None:
        self._others[found.uid] = found.resource_version, time.monotonic()

    def _another_is_at(self, found: Metadata) -> bool:
        version, since = self._others.get(found.uid, ("", 0.0))
        if not version:
            return False
        if version != found.resource_version:
            self._note(found)
            return True
        return time.monotonic() - since < self._patience
