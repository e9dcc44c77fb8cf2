"""One restore from its request to its end: reads the journal and the world, and takes the next step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.resource import NAMESPACES, VOLUME_RESTORES
from holdfast.claims import raising, siblings
from holdfast.claims.exchanging import Exchange
from holdfast.claims.filling import FILLING
from holdfast.claims.journal import Journal
from holdfast.claims.preparing import FORWARD
from holdfast.claims.returning import roll_back
from holdfast.claims.settling import rolled_back, settle
from holdfast.claims.tidying import tidy
from holdfast.claims.world import World
from holdfast.control.controlling import Result
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.policy.exchange import CANCELLABLE, EXCLUSIVE, FINAL, Phase
from holdfast.policy.together import Turn, turn, unfinished

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from holdfast.claims.measuring import RestoreMetrics
    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.policy.together import Member

PHASES: dict[Phase, Callable[[Exchange], Awaitable[float | None]]] = {
    **FORWARD,
    **FILLING,
    Phase.SETTLE: settle,
    Phase.ROLLING_BACK: roll_back,
    Phase.ROLLED_BACK: rolled_back,
}
_TOLD = {
    Phase.QUIESCE: "Normal",
    Phase.DELETE: "Normal",
    Phase.SETTLE: "Normal",
    Phase.DONE: "Normal",
    Phase.FAILED: "Warning",
    Phase.ROLLING_BACK: "Warning",
    Phase.ROLLED_BACK: "Warning",
}


class RestoreReconciler:
    """Drives VolumeRestores."""

    def __init__(self, client: Client, clock: Clock, recorder: Recorder, metrics: RestoreMetrics) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._metrics = metrics

    async def reconcile(self, key: Key) -> Result:
        """Take steps until something has to be waited for."""
        try:
            raw = await self._client.get(VOLUME_RESTORES, key.name, key.namespace)
        except errors.NotFound:
            self._metrics.forget(key)
            return Result()
        journal = Journal(self._client, self._clock, raw)
        world = World(self._client, key.namespace, journal.spec.claim_name)
        try:
            x = Exchange(self._client, self._clock, journal, world, siblings.Siblings())
            return Result(after=await self._advance(x))
        finally:
            self._metrics.show(key, journal)

    async def _advance(self, x: Exchange) -> float | None:
        while True:
            x = replace(x, siblings=await siblings.look(self._client, x.journal))
            await self._redirect(x)
            if not await self._may_go(x):
                await self._stay(x)
            else:
                return await self._close(x)
            before, step = x.journal.phase, PHASES.get(x.journal.phase)
            wait = await step(x) if step else None
            self._tell(x, before)
            if wait is not None or (x.journal.phase in FINAL and x.journal.phase == before):
                return wait

    async def _stay(self, x: Exchange) -> None:
        """A journal that somebody made without our finalizer must not vanish in the midst of an exchange."""
        if x.journal.restore.metadata.deletion_timestamp is None:
            await x.journal.add_finalizer(keys.RESTORE_FINALIZER)

    async def _close(self, x: Exchange) -> float | None:
        """The record of what was scaled down goes only after that is back."""
        if wait := await raising.bring_back(x):
            return wait
        if keys.RESTORE_FINALIZER in x.journal.restore.metadata.finalizers:
            await x.journal.drop_finalizer(keys.RESTORE_FINALIZER)
            await tidy(self._client, x.journal)
        return None

    def _tell(self, x: Exchange, before: Phase) -> None:
        phase = x.journal.phase
        if phase != before and (severity := _TOLD.get(phase)):
            regarding = Reference.to(VOLUME_RESTORES, x.journal.restore)
            self._recorder.event(regarding, severity, str(phase), x.journal.status.message)

    async def _redirect(self, x: Exchange) -> None:
        """Cancelling, rolling back and deleting change the direction, wherever the restore is."""
        own, cancelled = siblings.member(x.journal.restore), _cancelled(x)
        if own.phase in FINAL or own.phase is Phase.ROLLING_BACK:
            return
        if not own.touched and (cancelled or own.recalled):
            await x.journal.enter(Phase.FAILED, "cancelled, nothing was touched", reason="cancelled")
        elif cancelled or (own.recalled and not own.agreed):
            await x.journal.enter(Phase.ROLLING_BACK, reason="asked for" if own.recalled else "cancelled")
        else:
            await self._follow(x, own)

    async def _follow(self, x: Exchange, own: Member) -> None:
        """What befalls one of a set befalls all."""
        way, why = turn(own, x.siblings.others, x.siblings.missing)
        if way is Turn.FAIL:
            await x.refuse(why)
        elif way is Turn.BACK:
            await x.journal.enter(Phase.ROLLING_BACK, reason=why)

    async def _may_go(self, x: Exchange) -> bool:
        """Whether the journal may vanish: never in the midst of an exchange, unless that is stuck for good.

        What is on Retain then stays so: a volume that nobody points at any more is better than a lost one. The others
        of a set may have to know how this one ended.
        """
        asked_for = bool(unfinished(x.siblings.others))
        if x.journal.restore.metadata.deletion_timestamp is None:
            return x.journal.phase in FINAL and x.journal.status.let_go_at is None and not asked_for
        at_work = x.journal.phase in EXCLUSIVE and not x.journal.blocked
        return not (at_work or asked_for) or await self._namespace_goes(x.journal.namespace)

    async def _namespace_goes(self, name: str) -> bool:
        try:
            found = await self._client.get(NAMESPACES, name)
        except errors.NotFound:
            return True
        return "deletionTimestamp" in found["metadata"]


def _cancelled(x: Exchange) -> bool:
    """Whether somebody calls it off while that is still possible."""
    deleted = x.journal.restore.metadata.deletion_timestamp is not None
    return x.journal.phase in CANCELLABLE and (x.journal.spec.cancel or deleted)
