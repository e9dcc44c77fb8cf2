"""A watch on its way to the client: passed on event by event, and open to interference while it runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from holdfast_sandbox.proxy.errors import Cut

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp
    from aiohttp import web

    from holdfast_sandbox.proxy.calls import Call


class Watch:
    """One running watch; the client only gets whole lines, so that an event can be put in at any time."""

    def __init__(self, call: Call, answer: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
        self.call = call
        self._answer = answer
        self._response = response
        self._course = asyncio.timeout(None)
        self._ended = False
        self._last: bytes | None = b""
        self._free = asyncio.Event()
        self._free.set()

    async def run(self, started: Callable[[Watch], None] | None = None) -> None:
        """Pass events on until either side ends it.

        Raises:
            Cut: an action wants the connection cut.
        """
        try:
            async with self._course:
                if started:
                    started(self)
                await self._pass_on()
        except TimeoutError:
            if not self._ended:
                raise
        if self._last is None:
            raise Cut
        await self._response.write(self._last)

    def end(self, last: bytes | None) -> None:
        """End it now, with these last bytes; None cuts the connection instead."""
        if not self._ended:
            self._ended, self._last = True, last
            self._course.reschedule(asyncio.get_running_loop().time())

    def hold(self, released: asyncio.Event) -> None:
        """Pass nothing more on until the event is set."""
        self._free = released

    async def _pass_on(self) -> None:
        pending = b""
        async for chunk in self._answer.content.iter_any():
            lines, newline, pending = (pending + chunk).rpartition(b"\n")
            await self._write(lines + newline)
        await self._write(pending)

    async def _write(self, data: bytes) -> None:
        while not self._free.is_set():
            await self._free.wait()
        if data and not self._ended:
            await self._response.write(data)
