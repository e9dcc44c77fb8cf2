"""One process: everything it runs, in the order in which it may start and has to stop.

Start: pages for probes, informers and other parts; when every informer has synced, the election; when this
process leads, the controllers. Stop: the controllers finish the keys in work, then the lease is released,
then the other parts and the informers end. A part that ends by itself ends the process: a restart is
simpler than half an operator.

Controllers work only while this process leads. Other parts, such as the recorder of events, run from start
to end.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec
import structlog

from holdfast.control.controlling import Controller
from holdfast.control.errors import ControlError, RunnableFailed
from holdfast.control.informing import Informer
from holdfast.control.measuring import Metrics
from holdfast.control.serving import serving
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prometheus_client import CollectorRegistry

    from holdfast.control.electing import Election
    from holdfast.control.serving import Handler
    from holdfast.kube.client import Client

logger = structlog.get_logger()


class Runnable(Protocol):
    """A part that runs as long as the manager does."""

    async def run(self) -> None:
        """Run until cancelled, or until `stop` where there is one."""


@runtime_checkable
class Stoppable(Protocol):
    """A part that has something to finish; the others are cancelled."""

    def stop(self) -> None:
        """Have `run` finish and return soon."""


class Manager:
    """Runs informers, controllers and other parts until it is told to stop.

    Args:
        client: access to the API server.
        identity: of this process, for the log.
        election: decides when the controllers start; at once without it.
        health_address: `host:port` of the pages; none are served without it. Port 0 is any free one.
        registry: where the runtime's metrics go, and what `/metrics` shows.
        pages: what answers at other paths of the pages.
        grace: seconds that `run` takes at most to stop.
    """

    def __init__(
        self,
        client: Client,
        *,
        identity: str,
        election: Election | None,
        health_address: str | None,
        registry: CollectorRegistry,
        pages: Mapping[str, Handler] = MappingProxyType({}),
        grace: float = 20.0,
    ) -> None:
        self.port: int | None = None
        self._client = client
        self._election = election
        self._health_address = health_address
        self._registry = registry
        self._pages = pages
        self._grace = grace
        self._metrics = Metrics(registry)
        self._informers: list[Informer[Any]] = []
        self._controllers: list[Controller] = []
        self._others: list[Runnable] = []
        self._tasks: dict[Runnable, asyncio.Task[None]] = {}
        self._stopping = False
        self._logger = logger.bind(identity=identity)

    def add(self, part: Informer[Any] | Controller | Runnable) -> None:
        """Have a part run with the others; before `run`."""
        if isinstance(part, Informer):
            part.measure(self._metrics)
            self._informers.append(part)
        elif isinstance(part, Controller):
            part.measure(self._metrics)
            self._controllers.append(part)
        else:
            self._others.append(part)

    async def run(self, stop: asyncio.Event) -> None:
        """Run everything until `stop` is set, then stop everything gracefully.

        Raises:
            LeaseLost: another process leads.
            RunnableFailed: a part ended before it was asked to; its error is the cause.
        """
        try:
            async with AsyncExitStack() as stack:
                if self._health_address:
                    pages = serving(self._health_address, self._registry, self._missing, self._pages)
                    self.port = await stack.enter_async_context(pages)
                group = await stack.enter_async_context(asyncio.TaskGroup())
                self._logger.info("started", port=self.port)
                self._start(group, [*self._others, *self._informers])
                group.create_task(self._greet())
                lead = group.create_task(self._lead(group))
                await stop.wait()
                self._logger.info("stopping", grace=self._grace)
                lead.cancel()
                await self._wind_down()
        except BaseExceptionGroup as failures:
            raise _first(failures) from failures

    async def _greet(self) -> None:
        """Say in the log which cluster this is."""
        try:
            version = msgspec.json.decode(await self._client.request("GET", "/version"))
            self._logger.info("connected", kubernetes=version["gitVersion"])
        except errors.KubeError as error:
            self._logger.warning("no answer from the API server yet", error=str(error))

    def _missing(self) -> list[str]:
        return [str(informer) for informer in self._informers if not informer.synced]

    async def _lead(self, group: asyncio.TaskGroup) -> None:
        """Start the controllers as soon as they may work."""
        for informer in self._informers:
            await informer.wait_synced()
        if self._election:
            self._start(group, [self._election])
            await self._election.wait_leading()
        self._metrics.leading.set(1)
        self._start(group, self._controllers)

    def _start(self, group: asyncio.TaskGroup, parts: Iterable[Runnable]) -> None:
        for part in parts:
            self._tasks[part] = group.create_task(self._supervise(part), name=str(part))

    async def _supervise(self, part: Runnable) -> None:
        try:
            await part.run()
        except ControlError:
            raise
        except Exception as error:
            raise RunnableFailed(f"{part} failed: {error}") from error
        if not self._stopping:
            raise RunnableFailed(f"{part} ended without being asked to")

    async def _wind_down(self) -> None:
        self._stopping = True
        deadline = asyncio.get_running_loop().time() + self._grace
        election = [self._election] if self._election else []
        for parts in (self._controllers, election, self._others, self._informers):
            await self._finish([part for part in parts if part in self._tasks], deadline)
        self._metrics.leading.set(0)

    async def _finish(self, parts: list[Runnable], deadline: float) -> None:
        """Stop some parts, and cut off those that are not done by the deadline (loop time)."""
        tasks = [self._tasks[part] for part in parts]
        for part, task in zip(parts, tasks, strict=True):
            if isinstance(part, Stoppable):
                part.stop()
            else:
                task.cancel()
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        for task in late:
            self._logger.warning("cut off", part=task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that started it: what the others raise is only what became of it."""
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
