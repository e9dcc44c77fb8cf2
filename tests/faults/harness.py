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
are no more calls to hit. Each run has a namespace of its own, which stays when the run is over (to empty a namespace
costs the API server more than the run); the programs run on from one to the next.

Runs can play side by side, as many as `width` says: a call then counts for the run in whose namespace its object is,
and a program is killed or paused once for all of them, when each is at the call that is its turn (`faults.volleys`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from faults.volleys import Killed, Paused, Volley

from holdfast.api.resource import NAMESPACES
from holdfast_sandbox.proxy import Answer, DropAnswer, Match, Rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from faults.owners import Owners
    from faults.programs import Program

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import Action, Call, FaultProxy

    Scenario = Callable[["Stage"], Awaitable[None]]
    Kind = tuple[str, str, str]

MOST = 500
"""More calls than any one operation may make: a loop that gets there does not end by itself."""
PATIENCE = 120.0
"""Seconds for anything that a busy machine may delay."""
NEVER = 0
"""No call is the one before the first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong; `action` makes it for the program that it happens to."""

    name: str
    action: Callable[[Volley], Action]

    def __str__(self) -> str:
        return self.name


KILLED_BEFORE: Final = Fault("killed-before", lambda volley: Killed(volley, "before"))
KILLED_AFTER: Final = Fault("killed-after", lambda volley: Killed(volley, "after"))
LOST_REPLY: Final = Fault("lost-reply", lambda _: DropAnswer())
CONFLICT: Final = Fault("409", lambda _: Answer(409))
TOO_MANY: Final = Fault("429", lambda _: Answer(429, retry_after=0))
FAULTS: Final = (KILLED_BEFORE, KILLED_AFTER, LOST_REPLY, CONFLICT, TOO_MANY)

PAUSED: Final = Fault("paused", Paused)
"""For two programs of which each believes that it leads: the first sleeps until the second has done the work."""


def _belongs_to_work(call: Call) -> bool:
    return bool(call.resource) and call.resource not in {"leases", "events"} and call.verb != "watch"


WRITES: Final = Match(writes=True, where=_belongs_to_work)
READS: Final = Match(where=lambda call: _belongs_to_work(call) and call.verb in {"get", "list"})
CALLS: Final = Match(where=_belongs_to_work)
"""Both. None of them counts watches, nor the Lease and Events, which go by the clock."""


class Round:
    """Runs that play side by side: they are armed together, and go on together after a pause."""

    def __init__(self, proxy: FaultProxy, volley: Volley | None, count: int) -> None:
        self._proxy, self._volley = proxy, volley
        self._arming, self._ending = asyncio.Barrier(count), asyncio.Barrier(count)

    async def arm(self, rule: Rule | None) -> None:
        """Wait until all are ready; from here on the rule is in force."""
        await self._arming.wait()
        if rule:
            self._proxy.rules.append(rule)

    async def disarm(self, rule: Rule | None) -> None:
        """End the rule. A program that was paused goes on, and what it had decided is carried out before."""
        if not rule or not self._volley:
            return
        self._proxy.rules.remove(rule)
        if not rule.hits:
            self._volley.leave()
        if isinstance(rule.action, Paused):
            if await self._ending.wait() == 0:
                await self._resume(self._volley)
            await self._ending.wait()

    async def _resume(self, volley: Volley) -> None:
        volley.release()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(self._answered(call) for call in volley.held))
        for program in (volley.program, *volley.others):
            program.resume()

    async def _answered(self, call: Call) -> None:
        done = Match(where=lambda other: other is call and call.status is not None)
        await self._proxy.wait_for(done, deadline=PATIENCE)

    async def give_up(self, rule: Rule | None) -> None:
        """One run failed: let the others fail too instead of waiting for it."""
        if rule in list(self._proxy.rules):
            self._proxy.rules.remove(rule)
        await self._arming.abort()
        await self._ending.abort()


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario plays: a cluster seen as an administrator, a namespace, and programs behind the proxy."""

    sandbox: Sandbox
    client: Client
    proxy: FaultProxy
    programs: Sequence[Program]
    owners: Owners
    namespace: str = ""
    rule: Rule | None = None
    round: Round | None = field(default=None, repr=False)

    @contextlib.asynccontextmanager
    async def armed(self) -> AsyncIterator[None]:
        """From here on the program's calls are counted and the fault strikes; put trigger and end inside."""
        assert self.round, "a stage is armed once, in a run of a scenario"
        await self.round.arm(self.rule)
        yield
        await self.round.disarm(self.rule)

    @property
    def paused(self) -> bool:
        """Whether the first program slept while others did the work."""
        return bool(self.rule and self.rule.hits and isinstance(self.rule.action, Paused))

    async def until(
        self, condition: Callable[[], Awaitable[Any]], *, deadline: float = PATIENCE, every: float = 0.1
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


async def once(scenario: Scenario, stage: Stage) -> None:
    """Run a scenario in a new namespace; without a round nothing goes wrong."""
    namespace = stage.namespace or _new_name()
    playing = replace(stage, namespace=namespace, round=stage.round or Round(stage.proxy, None, 1))
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    await stage.client.create(NAMESPACES, manifest)
    start = len(stage.proxy.calls)
    try:
        await scenario(playing)
    except BaseException as error:
        error.add_note(_story(playing, start))
        if playing.round:
            await playing.round.give_up(playing.rule)
        raise


async def every_call(
    scenario: Scenario, stage: Stage, fault: Fault, match: Match = WRITES, *, width: int = 1
) -> list[Call]:
    """Run a scenario until every matching call of the first program was hit once; return the calls hit.

    Calls are counted by kind: the first, the second ... patch of a volume. How often somebody looks at something
    differs from run to run, but not which one is the second patch. A run in which nothing goes wrong says where to
    begin; from its last call of a kind on it is tried whether there is one more.
    """
    undisturbed: list[Kind] = []
    alone = width == 1
    await _side_by_side(scenario, stage, fault, [_Turn(match, NEVER, undisturbed)], alone=alone)
    ordinals = (undisturbed[: i + 1].count(kind) for i, kind in enumerate(undisturbed))
    todo = deque(_Turn(match, nth, [], kind) for kind, nth in zip(undisturbed, ordinals, strict=True))
    known = {turn.key for turn in todo}
    hits: list[Call] = []
    while todo:
        assert len(hits) < MOST, f"{fault}: still hitting calls, the last ones {hits[-3:]}"
        turns = [todo.popleft() for _ in range(min(width, len(todo)))]
        rules = await _side_by_side(scenario, stage, fault, turns, alone=alone)
        for turn, rule in zip(turns, rules, strict=True):
            assert rule.hits or rule.seen < turn.first, f"call {turn.nth} of {rule.seen} was not hit"
            hits += rule.hits
            more = {turn.key: turn for turn in turn.more(rule, paused=fault is PAUSED)}
            todo.extend(more[key] for key in more.keys() - known)
            known |= more.keys()
    return hits


async def every_other_call(scenario: Scenario, stage: Stage, fault: Fault, match: Match) -> list[Call]:
    """Run a scenario with a fault at the first, third, fifth ... call, and side by side at all the others."""
    turns = [_Turn(match, range(first, 2 * MOST, 2), []) for first in (1, 2)]
    rules = await _side_by_side(scenario, stage, fault, turns)
    return [call for rule in rules for call in rule.hits]


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which call of a run is hit: the `nth` that matches and is of this kind, if there is one."""

    match: Match
    nth: int | range
    seen: list[Kind]
    kind: Kind | None = None

    def concerns(self, call: Call) -> bool:
        """Whether to count a call of the run; note of what kind it was."""
        if (self.match.where and not self.match.where(call)) or (self.match.writes and not call.writes):
            return False
        kind = (call.verb, call.resource, call.subresource)
        self.seen.append(kind)
        return self.kind in {None, kind}

    @property
    def key(self) -> tuple[Kind | None, int]:
        return self.kind, self.first

    @property
    def first(self) -> int:
        return self.nth if isinstance(self.nth, int) else self.nth.start

    def more(self, rule: Rule, *, paused: bool) -> Iterator[_Turn]:
        """What there may be to hit besides: the next one of the kind, and kinds that were never seen before."""
        if rule.hits and (paused or rule.seen > self.first):
            yield replace(self, nth=self.first + 1, seen=[])
        for kind in set(self.seen):
            yield replace(self, nth=1, kind=kind, seen=[])


async def _side_by_side(
    scenario: Scenario, stage: Stage, fault: Fault, turns: Sequence[_Turn], *, alone: bool = False
) -> list[Rule]:
    victim, *others = stage.programs
    volley = Volley(victim, others, len(turns))
    together = Round(stage.proxy, volley, len(turns))
    stages = [replace(stage, namespace=_new_name(), round=together) for _ in turns]
    rules = [
        Rule(fault.action(volley), _within(turn, victim, each, alone=alone), turn.nth)
        for each, turn in zip(stages, turns, strict=True)
    ]
    if fault is PAUSED:
        for other in others:
            other.pause()
    runs = (once(scenario, replace(each, rule=rule)) for each, rule in zip(stages, rules, strict=True))
    _raise_first(await asyncio.gather(*runs, return_exceptions=True))
    assert not stage.owners.strays, f"nobody knows whose these are: {stage.owners.strays}"
    return rules


def _within(turn: _Turn, victim: Program, stage: Stage, *, alone: bool) -> Match:
    """Alone, all calls are the run's, also those about no namespace in particular."""

    def mine(call: Call) -> bool:
        of_run = alone or stage.owners.namespace_of(call) == stage.namespace
        return call.client == victim.label and of_run and turn.concerns(call)

    return replace(turn.match, client=victim.label, where=mine)


def _raise_first(results: Sequence[BaseException | None]) -> None:
    failures = [result for result in results if result]
    found = [error for error in failures if not isinstance(error, asyncio.BrokenBarrierError)]
    for error in found:
        error.add_note(f"{len(found)} of {len(results)} runs side by side failed")
        raise error
    assert not failures


def _new_name() -> str:
    return f"stage-{secrets.token_hex(4)}"


def _story(stage: Stage, start: int) -> str:
    rule = stage.rule
    hit = f"{rule.action} at call {rule.nth}, which was {rule.hits}" if rule else "no fault"
    lines = (
        f"  {call.ordinal} {call.client}: {call.verb} {call.resource}/{call.subresource} {call.name} {call.status}"
        for call in stage.proxy.calls[start:]
        if _belongs_to_work(call) and stage.owners.namespace_of(call) in {"", stage.namespace}
    )
    logs = (f"\nLog of {program.label}:\n{program.tail()}" for program in stage.programs)
    return "\n".join([hit, *lines, *logs])
