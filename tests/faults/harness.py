"""Every call of an operation goes wrong once, and the operation ends right all the same.

A scenario is a coroutine that takes a `Stage`. It sets something up, triggers an operation and waits for its end
within `stage.armed()`, where the fault strikes, and asserts afterwards what has to be true however it went:

    async def copies(stage: Stage) -> None:
        await stage.client.create(...)
        async with stage.armed():
            await stage.client.patch(...)
            await stage.until(done)
        assert ...

`every_call` runs it with the fault at the first call of the program under test, at the second and so on, until there
are no more calls to hit. Each run has a namespace of its own; the programs run on from one to the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from holdfast.api.resource import NAMESPACES
from holdfast_sandbox.proxy import Answer, DropAnswer, Kill, Match, Rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from aiohttp.web import StreamResponse
    from faults.programs import Program

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import Action, Call, Exchange, FaultProxy

    Scenario = Callable[["Stage"], Awaitable[None]]

MOST = 500
"""More calls than any one operation may make: a loop that gets there does not end by itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong; `action` makes it for the program that it happens to."""

    name: str
    action: Callable[[Program], Action]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Pause:
    """The call is carried out, but the program holds still: when it goes on, others have done its work."""

    program: Program

    def applies(self, call: Call) -> bool:
        """Any call will do."""
        return call.client == self.program.label

    async def act(self, exchange: Exchange) -> StreamResponse:
        """Pause the program and leave the answer for later."""
        self.program.pause()
        return await exchange.pass_on()


FAULTS: Final = (
    Fault("killed-before", lambda program: Kill(program.kill, "before")),
    Fault("killed-after", lambda program: Kill(program.kill, "after")),
    Fault("lost-reply", lambda _: DropAnswer()),
    Fault("409", lambda _: Answer(409)),
    Fault("429", lambda _: Answer(429, retry_after=0)),
)

PAUSED: Final = Fault("paused", Pause)
"""For two programs of which each believes that it leads: the first sleeps until the second has done the work."""


def _belongs_to_work(call: Call) -> bool:
    return bool(call.resource) and call.resource not in {"leases", "events"} and call.verb != "watch"


WRITES: Final = Match(writes=True, where=_belongs_to_work)
CALLS: Final = Match(where=_belongs_to_work)
"""Reads too. Neither counts watches, and neither the Lease and Events, which go by the clock."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario plays: a cluster seen as an administrator, a namespace, and programs behind the proxy."""

    sandbox: Sandbox
    client: Client
    proxy: FaultProxy
    programs: Sequence[Program]
    namespace: str = ""
    rule: Rule | None = None

    @contextlib.asynccontextmanager
    async def armed(self) -> AsyncIterator[None]:
        """From here on the program's calls are counted and the fault strikes; put trigger and end inside."""
        if self.rule:
            self.proxy.rules.append(self.rule)
        try:
            yield
        finally:
            if self.rule:
                self.proxy.rules.remove(self.rule)
                await self._resume(self.rule)

    async def until(
        self, condition: Callable[[], Awaitable[Any]], *, deadline: float = 30.0, every: float = 0.05
    ) -> None:
        """Wait for a condition; `deadline` and `every` are seconds.

        Raises:
            TimeoutError: it did not come true in time.
            EndedByItselfError: one of the programs ended, though nobody killed it.
        """
        try:
            async with asyncio.timeout(deadline):
                while not await condition():
                    for program in self.programs:
                        program.check()
                    await asyncio.sleep(every)
        except TimeoutError:
            raise TimeoutError(f"not {condition.__name__} after {deadline} s") from None

    async def _resume(self, rule: Rule) -> None:
        """Let a paused program go on, and see it do something: what it does next comes from stale knowledge."""
        if isinstance(rule.action, Pause) and rule.hits:
            last, label = rule.hits[-1].ordinal, rule.action.program.label
            rule.action.program.resume()
            await self.proxy.wait_for(
                Match(client=label, where=lambda call: call.ordinal > last), deadline=60
            )


async def once(scenario: Scenario, stage: Stage, rule: Rule | None = None) -> None:
    """Run a scenario in a new namespace; without a rule nothing goes wrong."""
    namespace = f"stage-{secrets.token_hex(4)}"
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    await stage.client.create(NAMESPACES, manifest)
    start = len(stage.proxy.calls)
    try:
        await scenario(replace(stage, namespace=namespace, rule=rule))
    except BaseException as error:
        error.add_note(_story(stage, rule, start))
        raise
    finally:
        await stage.client.delete(NAMESPACES, namespace)


async def every_call(scenario: Scenario, stage: Stage, fault: Fault, match: Match = WRITES) -> list[Call]:
    """Run a scenario until every matching call of the first program was hit once; return the calls hit."""
    victim = stage.programs[0]
    match = replace(match, client=victim.label)
    hits: list[Call] = []
    for nth in itertools.count(1):
        assert nth < MOST, f"{fault}: still hitting calls, the last ones {hits[-3:]}"
        rule = Rule(fault.action(victim), match, nth)
        await once(scenario, stage, rule)
        if not rule.hits:
            return hits
        hits += rule.hits
    raise AssertionError


def _story(stage: Stage, rule: Rule | None, start: int) -> str:
    calls = [call for call in stage.proxy.calls[start:] if _belongs_to_work(call)]
    hit = f"{rule.action} at call {rule.nth}, which was {rule.hits}" if rule else "no fault"
    lines = (
        f"  {call.ordinal} {call.client}: {call.verb} {call.resource}/{call.subresource} {call.name} {call.status}"
        for call in calls
    )
    logs = (f"\nLog of {program.label}:\n{program.tail()}" for program in stage.programs)
    return "\n".join([hit, *lines, *logs])
