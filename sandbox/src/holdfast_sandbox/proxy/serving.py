"""The proxy as a whole: its ports, its journal and its rules, and a call's way through them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from holdfast_sandbox.proxy.actions import WatchAction
from holdfast_sandbox.proxy.calls import Match
from holdfast_sandbox.proxy.certificates import make_certificate
from holdfast_sandbox.proxy.exchanges import Exchange
from holdfast_sandbox.proxy.journals import Journal
from holdfast_sandbox.proxy.kubeconfigs import write_kubeconfig
from holdfast_sandbox.proxy.listeners import Listener
from holdfast_sandbox.proxy.rules import Rule, Rules
from holdfast_sandbox.proxy.upstreams import Upstream, read_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from holdfast_sandbox.proxy.calls import Call
    from holdfast_sandbox.proxy.listeners import Generation, Handle
    from holdfast_sandbox.proxy.watches import Watch

T = TypeVar("T")


class FaultProxy:
    """HTTPS in front of an API server; it runs in the event loop in which it is entered.

    `url` and `ca_file` are there from then on. All methods but `wait_for` may be called from any thread.

    Args:
        upstream_kubeconfig: its current context names the API server.
        directory: where certificates and kubeconfigs are kept; a temporary one by default.
        as_admin: make calls without a bearer token under the client certificate of `upstream_kubeconfig`;
            otherwise they are passed on as they are, without credentials.
    """

    def __init__(
        self, upstream_kubeconfig: Path, directory: Path | None = None, *, as_admin: bool = False
    ) -> None:
        self.rules = Rules(self.call, self._strike_running)
        self._address = read_address(upstream_kubeconfig)
        self._directory = directory
        self._as_admin = as_admin
        self._journal = Journal()
        self._watches: set[Watch] = set()
        self._listeners: dict[str, Listener] = {}
        self._starting: set[asyncio.Task[None]] = set()
        self._resources = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._upstream = Upstream(self._address, as_admin=self._as_admin)
        self._resources.push_async_callback(self._upstream.close)
        if not self._directory:
            self._directory = Path(
                self._resources.enter_context(tempfile.TemporaryDirectory(prefix="proxy-"))
            )
        self._directory.mkdir(parents=True, exist_ok=True)
        self._certificate = make_certificate(self._directory)
        self._tls = self._certificate.serving()
        self._resources.push_async_callback(self._stop_listening)
        self._listen("")
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._resources.aclose()

    @property
    def calls(self) -> list[Call]:
        """All calls so far, in the order in which they came."""
        return self._journal.calls

    @property
    def url(self) -> str:
        """Where the client without a label reaches the proxy."""
        return self._listeners[""].url

    @property
    def ca_file(self) -> Path:
        """The certificate that clients have to trust."""
        return self._certificate.authority

    def select(self, match: Match) -> list[Call]:
        """The matching calls so far, in order."""
        return self._journal.select(match)

    def count(self, match: Match = Match()) -> int:  # noqa: B008 - it is frozen
        """How many calls matched so far."""
        return len(self.select(match))

    async def wait_for(self, match: Match, count: int = 1, deadline: float = 10.0) -> list[Call]:
        """Wait until `count` calls match, `status` included if the match names one, and return them.

        Raises:
            TimeoutError: fewer did within `deadline` seconds.
        """
        return await self._journal.wait_for(match, count, deadline)

    def kubeconfig(self, token: str | None, path: Path | None = None, *, label: str = "") -> Path:
        """Write a kubeconfig that leads through the proxy and return its path.

        Args:
            token: bearer token of the client; None for a client that shows no credentials.
            path: the file to write; by default one in the proxy's directory, named by the label.
            label: name of the client. Each label has a port of its own, its calls carry it as `Call.client`,
                and a `Kill` ends the connections of its label only: so it stands for one process at a time.
        """
        url = self.call(lambda: self._listen(label))
        path = path or self.ca_file.parent / f"{label or 'client'}.kubeconfig"
        write_kubeconfig(path, url, self._certificate, token)
        return path

    def call(self, function: Callable[[], T]) -> T:
        """Run a function in the proxy's event loop, from whatever thread, and return its result."""
        if not hasattr(self, "_loop") or _running_loop() is self._loop:
            return function()
        result: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._loop.call_soon_threadsafe(_settle, result, function)
        return result.result()

    def _listen(self, label: str) -> str:
        if label not in self._listeners:
            self._listeners[label] = listener = Listener(self._handler(label), self._tls)
            self._starting.add(self._loop.create_task(listener.start()))
        return self._listeners[label].url

    async def _stop_listening(self) -> None:
        await asyncio.gather(*self._starting)
        await asyncio.gather(*(listener.stop() for listener in self._listeners.values()))

    def _handler(self, label: str) -> Handle:
        async def handle(request: web.BaseRequest, generation: Generation) -> web.StreamResponse:
            body = await request.content.read()
            call = self._journal.record(request, body, label)
            exchange = Exchange(call, request, body, self._upstream, self._journal, generation, self._watches)
            rule = self.rules.choose(call)
            return await (rule.action.act(exchange) if rule else exchange.pass_on())

        return handle

    def _strike_running(self, rule: Rule) -> None:
        if not isinstance(rule.action, WatchAction):
            return
        for watch in sorted(self._watches, key=lambda watch: watch.call.ordinal):
            if rule.count(watch.call):
                rule.hits.append(watch.call)
                rule.action.strike(watch)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def _settle(result: concurrent.futures.Future[T], function: Callable[[], T]) -> None:
    try:
        result.set_result(function())
    except BaseException as error:  # noqa: BLE001 - it belongs to the caller in the other thread
        result.set_exception(error)
