"""Workers that bring the world in line, one key at a time.

A `Reconciler` is told which object to look at, never what happened to it: it reads the state of the world,
does what is missing, and can be called at any moment, any number of times. This module sees to it that a
key is looked at until that succeeds, and that no key is looked at twice at the same time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from holdfast.control.keys import Key, Object
from holdfast.control.measuring import Metrics
from holdfast.control.queueing import Queue
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from holdfast.control.informing import Informer

T = TypeVar("T", bound=Object)
logger = structlog.get_logger()


@dataclass(frozen=True)
class Result:
    """How a reconcile ended: done, and to be looked at again after so many seconds, if any.

    Without a delay (0 or less) the next look is rate limited like one after a failure, so that a reconciler
    that always wants another one does not spin.
    """

    after: float | None = None


class Reconciler(Protocol):
    """What a controller does with a key."""

    async def reconcile(self, key: Key) -> Result:
        """Bring the object in line. Whatever is raised leads to another attempt later."""


class Controller:
    """A queue, and workers that take its keys to a reconciler."""

    def __init__(self, name: str, reconciler: Reconciler, *, workers: int = 4) -> None:
        self.name = name
        self.queue: Queue[Key] = Queue(name)
        self._reconciler = reconciler
        self._workers = workers
        self.measure(Metrics())

    def __str__(self) -> str:
        return f"controller {self.name}"

    def measure(self, metrics: Metrics) -> None:
        """Publish what the queue and the workers do in `metrics` from now on."""
        self.queue.measure(metrics)
        self._duration = metrics.duration.labels(self.name)
        self._errors = metrics.errors.labels(self.name)
        self._in_flight = metrics.in_flight.labels(self.name)

    def follow(self, informer: Informer[T], keys: Callable[[T], Iterable[Key]] | None = None) -> None:
        """Queue the keys that an object stands for, as it was and as it is, whenever it changes.

        Args:
            informer: whose objects to follow.
            keys: from an object to the keys it concerns; without it, the object's own key.
        """
        mapping = keys or _own_key

        def changed(old: T | None, new: T | None) -> None:
            for obj in (old, new):
                for key in mapping(obj) if obj is not None else ():
                    self.queue.add(key)

        informer.subscribe(changed)

    async def run(self) -> None:
        """Work until `stop`; a cancellation also interrupts the keys in work."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work())

    def stop(self) -> None:
        """Let every worker finish its present key and end."""
        self.queue.shut_down()

    async def _work(self) -> None:
        while (key := await self.queue.get()) is not None:
            with structlog.contextvars.bound_contextvars(controller=self.name, key=str(key)):
                try:
                    await self._process(key)
                finally:
                    self.queue.done(key)

    async def _process(self, key: Key) -> None:
        log = logger.bind(controller=self.name, key=str(key))
        try:
            with self._in_flight.track_inprogress(), self._duration.time():
                result = await self._reconciler.reconcile(key)
        except (errors.Conflict, errors.Unreachable) as error:
            log.debug("looking again", reason=str(error))
            self.queue.add_rate_limited(key)
        except (Exception, asyncio.CancelledError) as error:
            if _cancelled():
                raise
            self._errors.inc()
            log.exception("reconcile failed", error=str(error))
            self.queue.add_rate_limited(key)
        else:
            self._again(key, result.after)

    def _again(self, key: Key, after: float | None) -> None:
        if after is not None and after <= 0:
            self.queue.add_rate_limited(key)
            return
        self.queue.forget(key)
        if after is not None:
            self.queue.add_after(key, after)


def _own_key(obj: Object) -> Iterable[Key]:
    return (Key.of(obj),)


def _cancelled() -> bool:
    """Whether it is this worker that is to end, and not something else that the reconciler waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
