"""The calls that went through the proxy, in order, and waiting for one to appear."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from holdfast_sandbox.proxy.calls import Call, is_dry_run, read_name, read_target, read_verb

if TYPE_CHECKING:
    from aiohttp import web

    from holdfast_sandbox.proxy.calls import Match

_SHOWN = 10


class Journal:
    """Every call from the proxy's start on; `changed` wakes whoever waits for one."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._waiters: list[asyncio.Future[None]] = []

    def record(self, request: web.BaseRequest, body: bytes, client: str) -> Call:
        """Enter a request under the next ordinal, from 1."""
        query = request.query
        target = read_target(request.rel_url.raw_path)
        call = Call(
            ordinal=len(self.calls) + 1,
            client=client,
            verb=read_verb(request.method, target, query),
            group=target.group,
            version=target.version,
            resource=target.resource,
            namespace=target.namespace,
            name=read_name(target, query),
            subresource=target.subresource,
            path=request.path,
            dry_run=is_dry_run(request.method, query, body),
            user_agent=request.headers.get("User-Agent", ""),
        )
        self.calls.append(call)
        self._wake()
        return call

    def answered(self, call: Call, status: int) -> None:
        """Note what a call was answered with."""
        call.status = status
        self._wake()

    def select(self, match: Match) -> list[Call]:
        """The matching calls so far, oldest first."""
        return [call for call in self.calls if match.covers(call)]

    async def wait_for(self, match: Match, count: int, deadline: float) -> list[Call]:
        """Wait until so many calls match.

        Raises:
            TimeoutError: they did not within `deadline` seconds; the message shows the last calls.
        """
        try:
            async with asyncio.timeout(deadline):
                while len(found := self.select(match)) < count:
                    await self._changed()
        except TimeoutError:
            last = "\n".join(map(repr, deque(self.calls, _SHOWN)))
            tally = f"{len(self.select(match))} of {count} calls match {match} after {deadline} s"
            raise TimeoutError(f"{tally}; the last ones:\n{last}") from None
        return found

    async def _changed(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
