"""One blow for several calls: they are held at the proxy until all have come, then the program is hit once.

Scenarios that play side by side in one program would otherwise disturb each other: whoever kills it at its own call
also ends, in the midst of something, what belongs to the others. A volley kills once for all of them, each at a call
of its own exactly; then it waits for the next call of each that is not at its end yet, and kills again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aiohttp.web import StreamResponse
    from faults.programs import Program

    from holdfast_sandbox.proxy import Action, Call, Exchange


@dataclass(slots=True)
class _Blow:
    """Who is there already for the next blow."""

    present: set[Killed | Paused] = field(default_factory=set)
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    struck: bool = False


class Volley:
    """Calls of one program, each of another scenario, that are to be hit at the same moment, again and again.

    Args:
        program: who is hit.
        others: programs that hold still until then.
    """

    def __init__(self, program: Program, others: Sequence[Program]) -> None:
        self.program, self.others = program, others
        self._expected: set[Action] = set()
        self._next = _Blow()
        self._released = asyncio.Event()
        self.held: list[Call] = []

    def expect(self, scenarios: Iterable[Action]) -> None:
        """Nothing happens before a call of each of them is there; a scenario is known by its action."""
        self._expected |= set(scenarios)

    async def complete(self, scenario: Killed | Paused, call: Call) -> bool:
        """Hold a call until the others are there too; true for the one that has to strike."""
        blow = self._next
        self.held.append(call)
        blow.present.add(scenario)
        self._look()
        await blow.complete.wait()
        if blow.struck:
            return False
        blow.struck, self._next = True, _Blow()
        return True

    def leave(self, scenario: Action) -> None:
        """A scenario has come to its end; nobody waits for it any more."""
        self._expected.discard(scenario)
        self._look()

    async def released(self) -> None:
        """Wait until the held calls may go on."""
        await self._released.wait()

    def release(self) -> None:
        """Let the held calls go on."""
        self._released.set()

    def _look(self) -> None:
        if self._expected <= self._next.present:
            self._next.complete.set()


@dataclass(frozen=True, slots=True, eq=False)
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
        if await self.volley.complete(self, exchange.call):
            self.volley.program.kill()
            exchange.end_client()
        exchange.cut()


@dataclass(frozen=True, slots=True, eq=False)
class Paused:
    """The program holds still directly before its call is carried out, and others do its work meanwhile."""

    volley: Volley

    def applies(self, call: Call) -> bool:
        """Any call will do."""
        return call.client == self.volley.program.label

    async def act(self, exchange: Exchange) -> StreamResponse:
        """What was decided long ago arrives when the world has changed."""
        if await self.volley.complete(self, exchange.call):
            self.volley.program.pause()
            for other in self.volley.others:
                other.resume()
        await self.volley.released()
        return await exchange.pass_on()
