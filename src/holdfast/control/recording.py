"""Events on objects, for people who ask `kubectl describe` what happened.

Saying something never waits and never fails: what was said goes into a bounded table of series, and a worker
writes it to the API server when it can. The same words about the same object within a while are one series:
one Event, whose count is brought up to date now and then. What the server refuses is dropped with a line in
the log, and so is the oldest when the table is full; nothing may depend on an Event.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import structlog

from holdfast.api.resource import EVENTS, Resource
from holdfast.control.clocks import Clock, SystemClock, micro_time
from holdfast.control.queueing import Queue
from holdfast.kube import errors

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.control.keys import Object
    from holdfast.kube.client import Client

logger = structlog.get_logger()

WINDOW = 600.0  # seconds without a repetition after which the same words are a new Event
REFRESH = 10.0  # seconds between two updates of one series
MOST_SERIES = 1000
FLUSH = 5.0  # seconds to write the rest when stopped
_LONGEST_NAME, _LONGEST_WORD, _LONGEST_NOTE = 253, 128, 1024  # what the API server takes


class Reference(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The object that an Event is about, as the API writes it."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""
    uid: str = ""

    @classmethod
    def to(cls, resource: Resource, obj: Object) -> Reference:
        """The reference to an object that was read as this resource."""
        meta = obj.metadata
        return cls(resource.api_version, resource.kind, meta.name, meta.namespace, meta.uid)


class _Saying(NamedTuple):
    """What makes two events the same."""

    regarding: Reference
    type: str
    reason: str
    note: str


@dataclass
class _Series:
    name: str  # of the Event
    first: datetime
    last: datetime
    said: float  # loop time of the last one
    count: int = 1
    written: int = 0  # the count that the Event shows; 0 while there is none

    def repetitions(self) -> dict[str, Any]:
        """As the API has it; for counts above 1."""
        return {"count": self.count, "lastObservedTime": micro_time(self.last)}


class Recorder:
    """Records events under the name of a component.

    Args:
        client: access to the API server.
        component: who reports, such as `holdfast.dev/operator`.
        instance: which of several, such as the pod's name.
        clock: for the timestamps of the events.
    """

    def __init__(
        self, client: Client, component: str, *, instance: str = "", clock: Clock | None = None
    ) -> None:
        self._client = client
        self._component = component
        self._instance = instance or component
        self._clock = clock or SystemClock()
        self._series: OrderedDict[_Saying, _Series] = OrderedDict()
        self._queue: Queue[_Saying] = Queue("events")

    def event(self, regarding: Reference, type: str, reason: str, note: str) -> None:  # noqa: A002
        """Say something about an object; returns at once, and never raises.

        Args:
            regarding: the object; the event goes to its namespace.
            type: `Normal` or `Warning`.
            reason: one word in CamelCase, for machines.
            note: a sentence for people; what exceeds 1,024 bytes is cut off.
        """
        try:
            self._say(_Saying(regarding, type, reason[:_LONGEST_WORD], _shortened(note)))
        except Exception:
            logger.exception("event lost", reason=reason)

    async def run(self) -> None:
        """Write events until `stop`, then what is left, within a few seconds."""
        while (saying := await self._queue.get()) is not None:
            await self._write(saying)
            self._queue.done(saying)
        try:
            async with asyncio.timeout(FLUSH):
                for saying in list(self._series):
                    await self._write(saying)
        except TimeoutError:
            logger.warning("no time to write all events")

    def stop(self) -> None:
        """Have `run` write what is left, and end."""
        self._queue.shut_down()

    def _say(self, saying: _Saying) -> None:
        now, moment = asyncio.get_running_loop().time(), self._clock.now()
        series = self._series.get(saying)
        if series is None or now - series.said > WINDOW:
            self._series[saying] = _Series(_event_name(saying.regarding), moment, moment, now)
            self._queue.add(saying)
        else:
            series.count, series.last, series.said = series.count + 1, moment, now
            self._queue.add_after(saying, REFRESH)
        self._series.move_to_end(saying)
        while len(self._series) > MOST_SERIES:
            self._series.popitem(last=False)

    async def _write(self, saying: _Saying) -> None:
        """Bring the Event of a series up to date, or try again later."""
        series = self._series.get(saying)
        if series is None or series.written == series.count:
            return
        try:
            await self._send(saying, series)
        except (errors.Unreachable, errors.ServerFailure, errors.TooManyRequests):
            self._queue.add_rate_limited(saying)
        except errors.KubeError as error:
            logger.warning("event dropped", reason=saying.reason, note=saying.note, error=str(error))
            series.written = series.count
        else:
            self._queue.forget(saying)
            if series.written != series.count:
                self._queue.add_after(saying, REFRESH)

    async def _send(self, saying: _Saying, series: _Series) -> None:
        """Create the Event, or bring its count up to date."""
        namespace = saying.regarding.namespace or "default"
        count = series.count
        try:
            if series.written:
                body = {"series": series.repetitions()}
                await self._client.patch(EVENTS, series.name, body, namespace)
            else:
                await self._client.create(EVENTS, self._body(saying, series, namespace), namespace)
            series.written = count
        except errors.AlreadyExists:  # created by an attempt whose answer was lost
            series.written = 1
        except errors.NotFound:  # expired, as events do after an hour
            if not series.written:
                raise  # the namespace is what is missing
            series.name, series.first, series.written = _event_name(saying.regarding), series.last, 0

    def _body(self, saying: _Saying, series: _Series, namespace: str) -> dict[str, Any]:
        return {
            "apiVersion": EVENTS.api_version,
            "kind": EVENTS.kind,
            "metadata": {"name": series.name, "namespace": namespace},
            "eventTime": micro_time(series.first),
            "reportingController": self._component,
            "reportingInstance": self._instance[:_LONGEST_WORD],
            "action": saying.reason,
            "reason": saying.reason,
            "type": saying.type,
            "note": saying.note,
            "regarding": msgspec.to_builtins(saying.regarding),
        } | ({"series": series.repetitions()} if series.count > 1 else {})


def _event_name(regarding: Reference) -> str:
    suffix = f".{secrets.token_hex(8)}"
    return regarding.name[: _LONGEST_NAME - len(suffix)].rstrip(".-") + suffix


def _shortened(note: str) -> str:
    return note.encode()[:_LONGEST_NOTE].decode(errors="ignore")
