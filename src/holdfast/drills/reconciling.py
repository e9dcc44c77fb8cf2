"""One RestoreDrill: takes its turns, and brings the run that is under way to its end.

What it deletes are claims and pods that bear the drill's UID. Those of no run that is under way go, too: they come
from an operator that slept until the run was over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from holdfast.api.drills import RestoreDrill, Trial
from holdfast.api.resource import CLAIMS, PODS, RESTORE_DRILLS
from holdfast.control.controlling import Result as Look
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.drills import reading, reporting, sources, world
from holdfast.drills.acting import Scene, delete
from holdfast.drills.journal import Journal
from holdfast.drills.planning import planned
from holdfast.drills.sources import NothingToTryError
from holdfast.kube import errors
from holdfast.policy.proving import Act, Failure, Result, next_step

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.drills import Run
    from holdfast.api.groups import SnapshotGroup
    from holdfast.control.clocks import Clock
    from holdfast.control.informing import Informer
    from holdfast.control.recording import Recorder
    from holdfast.drills.measuring import DrillMetrics
    from holdfast.drills.reading import Settings
    from holdfast.drills.world import Strays
    from holdfast.kube.client import Client

SOON = 5.0
"""Seconds until a wait is looked at again in any case; mostly a change of a claim or a pod comes first."""
OFTEN_ENOUGH = 300.0
"""Seconds after which a drill is looked at in any case: timers do not know of clocks that are set."""


@dataclass(frozen=True, slots=True)
class Caches:
    """The informers that drills look into."""

    drills: Informer[RestoreDrill]
    groups: Informer[SnapshotGroup]


class DrillReconciler:
    """Drives RestoreDrills; `image` is Holdfast's own."""

    def __init__(
        self,
        client: Client,
        caches: Caches,
        clock: Clock,
        recorder: Recorder,
        metrics: DrillMetrics,
        image: str,
    ) -> None:
        self._client = client
        self._caches = caches
        self._clock = clock
        self._recorder = recorder
        self._metrics = metrics
        self._image = image

    async def reconcile(self, key: Key) -> Look:
        known = self._caches.drills.cache.get(key)
        if known is None or known.metadata.deletion_timestamp:
            self._metrics.forget(key)
            return Look()
        strays = await world.marked(self._client, key.namespace, known.metadata.uid)
        try:
            raw = await self._client.get(RESTORE_DRILLS, key.name, key.namespace)
            journal = Journal(self._client, self._clock, raw)
            if journal.drill.metadata.uid != known.metadata.uid:
                return Look(after=SOON)
            await self._sweep(strays, journal)
            wait = await self._advance(journal)
        except errors.NotFound:  # the drill, or its namespace, is gone, and the caches do not know yet
            return Look(after=SOON)
        self._metrics.show(key, journal.drill)
        return Look(after=wait)

    async def _sweep(self, strays: Strays, journal: Journal) -> None:
        """They were listed before the journal was read: what it does not speak of now is of a run that is over."""
        run = journal.status.run
        own = {run.scratch, *(part.scratch for part in run.parts)} if run else ()
        for resource, objects in ((PODS, strays.pods), (CLAIMS, strays.claims)):
            for found in objects:
                if found.metadata.name not in own and not found.metadata.deletion_timestamp:
                    await delete(self._client, resource, found.metadata)

    async def _advance(self, journal: Journal) -> float:
        while True:
            settings = reading.read_settings(journal.drill)
            await self._report(journal, settings)
            run = journal.status.run
            if run is None:
                if not await self._begin(journal, settings):
                    return self._idle(journal, settings)
            elif await self._step(journal, settings, run) is Act.WAIT:
                return SOON

    async def _report(self, journal: Journal, settings: Settings) -> None:
        drill = journal.drill
        group = self._caches.groups.cache.get(Key(drill.metadata.namespace, drill.spec.group_name))
        await journal.record(**reporting.report(drill, settings, journal.now, group))

    async def _begin(self, journal: Journal, settings: Settings) -> bool:
        """Take a request or a turn, and write it down with all that the run will make; whether there was one."""
        drill, now, seen = journal.drill, journal.now, journal.status
        turn = _turn(journal, settings, now)
        if not drill.requested and turn is None:
            return False
        trial = Trial(
            slot=now if drill.requested or turn is None else turn, started=now, request=drill.requested
        )
        taken = {"request": drill.requested or seen.request, "last_slot": turn or seen.last_slot}
        try:
            run = await self._prepared(drill, settings, trial)
        except NothingToTryError as error:
            failed = msgspec.structs.replace(trial, ended=now, result=Result.FAILED, message=str(error))
            await journal.file(failed, settings.keep, **taken)
            self._tell(drill, failed)
        else:
            await journal.record(run=run, **taken)
        return True

    async def _prepared(self, drill: RestoreDrill, settings: Settings, trial: Trial) -> Run:
        if settings.problems:
            raise NothingToTryError("; ".join(settings.problems))
        picked = await sources.pick(self._client, drill, f"{drill.metadata.uid} {trial.slot.timestamp():.0f}")
        for member in picked.members:
            await sources.source_of(self._client, drill, member.snapshot)
        return planned(drill, trial, picked)

    async def _step(self, journal: Journal, settings: Settings, run: Run) -> Act | Failure:
        found = await world.find(self._client, journal.drill.metadata.namespace, run)
        step = next_step(world.sight(journal, run, found, settings.timeout))
        scene = Scene(self._client, self._image, journal, settings, run, found)
        what, numbers = step
        if isinstance(what, Failure):
            await scene.fail(what, numbers)
        elif what is not Act.WAIT:
            await scene.act(what, numbers)
        if what is Act.FINISH:
            self._tell(journal.drill, run.trial)
        return what

    def _tell(self, drill: RestoreDrill, trial: Trial) -> None:
        snapshot = f"{trial.snapshot.label}: " if trial.snapshot else ""
        proven = trial.result == Result.PROVEN
        severity, reason = ("Normal", "Proven") if proven else ("Warning", "DrillFailed")
        regarding = Reference.to(RESTORE_DRILLS, drill)
        self._recorder.event(regarding, severity, reason, f"{snapshot}{trial.message}")

    def _idle(self, journal: Journal, settings: Settings) -> float:
        moments = (journal.status.next, reporting.overdue_from(journal.drill, settings))
        now = self._clock.now()
        left = [(moment - now).total_seconds() for moment in moments if moment and moment > now]
        return min([OFTEN_ENOUGH, *left])


def _turn(journal: Journal, settings: Settings, now: datetime) -> datetime | None:
    """The turn that is due; with a request it is answered by that run as well."""
    if settings.turns is None or not reporting.runs_by_itself(journal.drill, settings):
        return None
    return settings.turns.due(journal.status.last_slot, now)
