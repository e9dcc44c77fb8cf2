"""Every call of an operation goes wrong once, and the operation ends right all the same.

A scenario is a coroutine that takes a `Stage`. It sets something up, triggers an operation and waits for its end
within `stage.armed()`, where the fault strikes, and asserts afterwards what has to be true however it went:

    async def copies(stage: Stage) -> None:
        await stage.client.create(...)
        async with stage.armed():
            await stage.client.patch(...)
            await stage.until(done)
        assert ...

`every_call` plays it a few times side by side, and lets the first, second, third ... call of each kind go wrong in
one of the runs or another: each call of an operation goes wrong once, in each run a few of them do. A program that is
paused while another does all its work has nothing left to do; `every_pause` therefore runs the scenario once for
each call. Each run has a namespace of its own, which stays when the run is over (to empty a namespace costs the API
server more than the run); the programs run on from one to the next.

A call counts for the run in whose namespace its object is, and a program is killed or paused once for all runs, when
each is at a call that is its turn (`faults.volleys`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from faults.volleys import Killed, Paused, Volley

from holdfast.api.resource import NAMESPACES
from holdfast_sandbox.proxy import Answer, DropAnswer, Match, Rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from faults.owners import Owners
    from faults.programs import Program

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import Action, Call, FaultProxy

    Scenario = Callable[["Stage"], Awaitable[None]]
    Kind = tuple[str, str, str]

PATIENCE = 300.0
"""Seconds for anything that a busy machine may delay, while some other run is the one that is waited for."""
RUNS = 8
"""Runs side by side that share all calls: fewer would each go wrong more often, more would only cost more."""
WIDTH = 16
"""Runs side by side of which each has one call: more would only wait for each other."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong; `action` makes it for the program that it happens to."""

    name: str
    action: Callable[[Volley], Action]
    kills: bool = False

    def __str__(self) -> str:
        return self.name


KILLED_BEFORE: Final = Fault("killed-before", lambda volley: Killed(volley, "before"), kills=True)
KILLED_AFTER: Final = Fault("killed-after", lambda volley: Killed(volley, "after"), kills=True)
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
ACTS: Final = Match(writes=True, where=lambda call: _belongs_to_work(call) and call.subresource != "status")
"""Writes that change more than what the program notes down for itself."""


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
        self._volley.leave(rule.action)
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
        """One run failed: nobody waits for it any more."""
        if rule in list(self._proxy.rules):
            self._proxy.rules.remove(rule)
        if rule and self._volley:
            self._volley.leave(rule.action)
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
    scenario: Scenario, stage: Stage, fault: Fault, match: Match = WRITES, *, runs: int = RUNS
) -> list[Call]:
    """Run a scenario a few times side by side, so that every matching call is hit in one of them; return those calls.

    Calls are counted by kind: the first, the second ... patch of a volume. The n-th of a kind is hit in the run whose
    turn it is, and so is every `runs`-th one after it: there have to be more runs than calls of a kind that a program
    does over again when it was killed.

    A program that was killed leaves nothing behind but what it has written: before which of several reads in a row it
    died makes no difference, and before or after a write it is killed anyway. So of each kind of read only the first
    is hit by a kill.
    """
    kinds: dict[Kind, int] = {}
    turns = [_Share(match, run, runs, kinds, reads_once=fault.kills) for run in range(runs)]
    rules = await _side_by_side(scenario, stage, fault, turns, alone=runs == 1)
    return [call for rule in rules for call in rule.hits]


async def every_pause(
    scenario: Scenario, stage: Stage, match: Match = WRITES, *, width: int = WIDTH
) -> list[Call]:
    """Run a scenario once for each call, with the first program asleep directly before it; return those calls.

    A run in which nothing goes wrong says which calls there are. How often somebody looks at something differs from
    run to run, but not which one is the second patch of a volume: so they are counted by kind.
    """
    undisturbed = _Turn(match)
    await _side_by_side(scenario, stage, PAUSED, [undisturbed])
    seen = undisturbed.seen
    todo = [_Turn(match, kind, seen[: i + 1].count(kind)) for i, kind in enumerate(seen)]
    hits: list[Call] = []
    for start in range(0, len(todo), width):
        rules = await _side_by_side(scenario, stage, PAUSED, todo[start : start + width])
        hits += [call for rule in rules for call in rule.hits]
    return hits


@dataclass(frozen=True, slots=True)
class _Share:
    """Which calls go wrong in one of several runs: of each kind another one than in the other runs."""

    match: Match
    run: int
    runs: int
    kinds: dict[Kind, int]
    reads_once: bool
    counts: Counter[Kind] = field(default_factory=Counter)

    def strikes(self, call: Call) -> bool:
        """Count a call of the run, and say whether it is hit."""
        kind = _kind(call)
        self.counts[kind] += 1
        if self.reads_once and not call.writes and self.counts[kind] > 1:
            return False
        offset = self.kinds.setdefault(kind, len(self.kinds))
        return (self.counts[kind] + offset) % self.runs == self.run


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which call of a run is hit: the `nth` of this kind, or none."""

    match: Match
    kind: Kind | None = None
    nth: int = 0
    seen: list[Kind] = field(default_factory=list)

    def strikes(self, call: Call) -> bool:
        """Note of what kind a call of the run is, and say whether it is hit."""
        kind = _kind(call)
        self.seen.append(kind)
        return kind == self.kind and self.seen.count(kind) == self.nth


def _kind(call: Call) -> Kind:
    return call.verb, call.resource, call.subresource


async def _side_by_side(
    scenario: Scenario, stage: Stage, fault: Fault, turns: Sequence[_Share | _Turn], *, alone: bool = False
) -> list[Rule]:
    victim, *others = stage.programs
    volley = Volley(victim, others)
    together = Round(stage.proxy, volley, len(turns))
    stages = [replace(stage, namespace=_new_name(), round=together) for _ in turns]
    rules = [
        Rule(fault.action(volley), _within(turn, victim, each, alone=alone))
        for each, turn in zip(stages, turns, strict=True)
    ]
    volley.expect(rule.action for rule in rules)
    if fault is PAUSED:
        for other in others:
            other.pause()
    runs = (once(scenario, replace(each, rule=rule)) for each, rule in zip(stages, rules, strict=True))
    _raise_first(await asyncio.gather(*runs, return_exceptions=True))
    assert not stage.owners.strays, f"nobody knows whose these are: {stage.owners.strays}"
    return rules


def _within(turn: _Share | _Turn, victim: Program, stage: Stage, *, alone: bool) -> Match:
    """Alone, all calls are the run's, also those about no namespace in particular."""

    def mine(call: Call) -> bool:
        if call.client != victim.label or not turn.match.covers(call):
            return False
        return (alone or stage.owners.namespace_of(call) == stage.namespace) and turn.strikes(call)

    return Match(where=mine)


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
    hit = f"{type(rule.action).__name__} at {rule.hits}" if rule else "no fault"
    lines = (
        f"  {call.ordinal} {call.client}: {call.verb} {call.resource}/{call.subresource} {call.name} {call.status}"
        for call in stage.proxy.calls[start:]
        if _belongs_to_work(call) and stage.owners.namespace_of(call) in {"", stage.namespace}
    )
    logs = (f"\nLog of {program.label}:\n{program.tail()}" for program in stage.programs)
    return "\n".join([hit, *lines, *logs])
