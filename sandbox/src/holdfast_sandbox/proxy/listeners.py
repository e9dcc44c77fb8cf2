"""The proxy's ports: one for each client, so that its calls can be told apart and its death be exact.

A process that was killed may have left bytes behind, in the kernel or in a connection's buffers. Connections
therefore belong to a generation: a kill ends it, and only connections that are accepted later are served.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import aiohttp
from aiohttp import web

from holdfast_sandbox.proxy.errors import Cut

if TYPE_CHECKING:
    import ssl

Handle: TypeAlias = Callable[[web.BaseRequest, "Generation"], Awaitable[web.StreamResponse]]


class Generation:
    """The connections of one client's process, until it is killed."""

    def __init__(self, handle: Handle) -> None:
        self.over = False
        self.server = web.Server(
            self._serve, handler_cancellation=True, access_log=None, auto_decompress=False
        )
        self._handle = handle
        self._tasks: set[asyncio.Task[object]] = set()

    def end(self) -> None:
        """Forward nothing more, not even of the calls under way, and cut all connections."""
        self.over = True
        with contextlib.suppress(RuntimeError):  # no task is running: the listener stops
            self._tasks.discard(_current_task())
        for task in self._tasks:
            task.cancel()
        for connection in self.server.connections:
            if connection.transport:
                connection.transport.abort()

    async def wait_closed(self) -> None:
        """Wait until no call of an ended generation is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        task = _current_task()
        self._tasks.add(task)
        try:
            return await self._answer(request)
        except (Cut, aiohttp.ClientError, web.RequestPayloadError):
            _abort(request)
            return web.Response()  # goes nowhere
        finally:
            self._tasks.discard(task)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.over:
            raise Cut
        return await self._handle(request, self)


class Listener:
    """One client's port on the loopback interface; it is taken at once and served from `start` on."""

    def __init__(self, handle: Handle, tls: ssl.SSLContext) -> None:
        self._handle = handle
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._generation = Generation(handle)
        self._server: asyncio.Server | None = None
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        """Accept connections."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, sock=self._socket, ssl=self._tls)

    async def stop(self) -> None:
        """Cut all connections and free the port."""
        if self._server:
            self._server.close()
        self._socket.close()
        self._generation.end()
        await self._generation.wait_closed()

    def _accept(self) -> asyncio.Protocol:
        if self._generation.over:
            self._generation = Generation(self._handle)
        return self._generation.server()


def _abort(request: web.BaseRequest) -> None:
    if request.transport:
        request.transport.abort()


def _current_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("not in a task")
    return task
