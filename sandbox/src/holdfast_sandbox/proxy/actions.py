"""What can be done to a call: one small record each, which says what happens in terms of an `Exchange`.

An action for a watch also works on one that runs already. Own actions need `applies` and `act`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from holdfast_sandbox.proxy import statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from holdfast_sandbox.proxy.calls import Call
    from holdfast_sandbox.proxy.exchanges import Exchange
    from holdfast_sandbox.proxy.watches import Watch


class Action(Protocol):
    """What happens to a call that a rule hits."""

    def applies(self, call: Call) -> bool:
        """Whether it makes sense for such a call at all; others do not count."""
        ...

    async def act(self, exchange: Exchange) -> web.StreamResponse:
        """Deal with the call from its arrival to its answer."""
        ...


@runtime_checkable
class WatchAction(Action, Protocol):
    """What happens to a watch, whether it starts or runs already."""

    def strike(self, watch: Watch) -> None:
        """Change the course of a watch."""
        ...


class _ForCalls:
    def applies(self, call: Call) -> bool:
        del self, call
        return True


class _ForWatches:
    def applies(self, call: Call) -> bool:
        del self
        return call.verb == "watch"

    async def act(self: WatchAction, exchange: Exchange) -> web.StreamResponse:
        return await exchange.pass_on(self.strike)


@dataclass(frozen=True, slots=True)
class DropRequest(_ForCalls):
    """The call never reaches the API server, and the client's connection is cut."""

    async def act(self, exchange: Exchange) -> web.StreamResponse:
        exchange.cut()


@dataclass(frozen=True, slots=True)
class DropAnswer(_ForCalls):
    """A lost reply: the API server carries the call out, then the client's connection is cut."""

    async def act(self, exchange: Exchange) -> web.StreamResponse:
        await exchange.carry_out()
        exchange.cut()


@dataclass(frozen=True, slots=True)
class Answer(_ForCalls):
    """The call never reaches the API server, the client gets a Status: 409, 410, 429, 500 ...

    `reason` replaces the usual one of the status; `retry_after` is in whole seconds. Without it client-go
    (kubectl, most operators) does not repeat a call that was answered with 429 or 500.
    """

    status: int
    reason: str = ""
    retry_after: int | None = None

    async def act(self, exchange: Exchange) -> web.StreamResponse:
        body = statuses.failure(exchange.call, self.status, reason=self.reason, retry_after=self.retry_after)
        return exchange.answer(self.status, body, retry_after=self.retry_after)


@dataclass(frozen=True, slots=True)
class Kill(_ForCalls):
    """The calling process dies of SIGKILL at this call, before it is forwarded or after it was carried out.

    `process` is its id, or a function that kills it. From then on nothing of what came through the client's
    connections is forwarded, and no answer goes back. A process started anew under the same label is served.
    """

    process: int | Callable[[], object]
    when: Literal["before", "after"] = "before"

    async def act(self, exchange: Exchange) -> web.StreamResponse:
        if self.when == "after":
            await exchange.carry_out()
        self._kill()
        exchange.end_client()
        exchange.cut()

    def _kill(self) -> None:
        if not isinstance(self.process, int):
            self.process()
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Delay(_ForCalls):
    """The call is held for some seconds, or until the event is set, and then forwarded."""

    until: float | asyncio.Event

    async def act(self, exchange: Exchange) -> web.StreamResponse:
        if isinstance(self.until, asyncio.Event):
            await self.until.wait()
        else:
            await asyncio.sleep(self.until)
        return await exchange.pass_on()


@dataclass(frozen=True, slots=True)
class CutWatch(_ForWatches):
    """The watch's connection is cut at once; with `clean` it ends as when the API server's time is up."""

    clean: bool = False

    def strike(self, watch: Watch) -> None:
        """End it."""
        watch.end(b"" if self.clean else None)


@dataclass(frozen=True, slots=True)
class StallWatch(_ForWatches):
    """The watch stays open and nothing more comes, until `release`; then what was held back comes."""

    released: asyncio.Event = field(default_factory=asyncio.Event)

    def strike(self, watch: Watch) -> None:
        """Hold it."""
        watch.hold(self.released)

    def release(self) -> None:
        """Let the watches that this action holds go on."""
        self.released.set()


@dataclass(frozen=True, slots=True)
class GoneWatch(_ForWatches):
    """The watch ends with an ERROR event: 410, its resource version is too old."""

    def strike(self, watch: Watch) -> None:
        """End it so."""
        watch.end(statuses.gone_event(watch.call))
