"""One blow for several calls: they are held at the proxy until all have come, then the program is hit once.

Scenarios that play side by side in one program would otherwise disturb each other: whoever kills it at its own n-th
call also ends, in the midst of something, what belongs to the others. A volley kills once for all of them, each at
its n-th call exactly.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp.web import StreamResponse
    from faults.programs import Program

    from holdfast_sandbox.proxy import Call, Exchange


class Volley:
    """Calls of one program, each of another scenario, that are to be hit at the same moment.

    Args:
        program: who is hit.
        others: programs that hold still until then.
        expected: how many scenarios there are.
    """

    def __init__(self, program: Program, others: Sequence[Program], expected: int) -> None:
        self.program, self.others = program, others
        self._expected = expected
        self._complete = asyncio.Event()
        self._released = asyncio.Event()
        self.held: list[Call] = []
        self._struck = False

    async def complete(self, call: Call) -> bool:
        """Hold a call until the others are there too; true for the one that has to strike."""
        self.held.append(call)
        self._look()
        await self._complete.wait()
        first, self._struck = not self._struck, True
        return first

    def leave(self) -> None:
        """A scenario has come to its end without being hit."""
        self._expected -= 1
        self._look()

    async def released(self) -> None:
        """Wait until the held calls may go on."""
        await self._released.wait()

    def release(self) -> None:
        """Let the held calls go on."""
        self._released.set()

    def _look(self) -> None:
        if len(self.held) >= self._expected:
            self._complete.set()


@dataclass(frozen=True, slots=True)
class Killed:
    """The program dies of SIGKILL before its call is sent, or after it was carried out."""

    volley: Volley
    when: Literal["before", "after"]

    def applies(self, call: Call) -> bool:
        """Any call will do."""
        return call.client == self.volley.program.label

    async def act(self, exchange: Exchange) -> StreamResponse:
        """Nothing of what is under way is forwarded from then on."""
        if self.when == "after":
            await exchange.carry_out()
        if await self.volley.complete(exchange.call):
            self.volley.program.kill()
            exchange.end_client()
        exchange.cut()


@dataclass(frozen=True, slots=True)
class Paused:
    """The program holds still directly before its call is carried out, and others do its work meanwhile."""

    volley: Volley

    def applies(self, call: Call) -> bool:
        """Any call will do."""
        return call.client == self.volley.program.label

    async def act(self, exchange: Exchange) -> StreamResponse:
        """What was decided long ago arrives when the world has changed."""
        if await self.volley.complete(exchange.call):
            self.volley.program.pause()
            for other in self.volley.others:
                other.resume()
        await self.volley.released()
        return await exchange.pass_on()
