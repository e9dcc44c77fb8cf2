"""One RestoreDrill as a journal: the run that is under way, and the results of those before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.drills import DrillStatus, Proof, RestoreDrill, Run, Trial
from holdfast.api.resource import RESTORE_DRILLS
from holdfast.control import journaling
from holdfast.policy.proving import Phase, Result

if TYPE_CHECKING:
    from holdfast.control.clocks import Clock
    from holdfast.kube.client import Client


class Journal(journaling.Journal[RestoreDrill]):
    """A RestoreDrill as it was last read or written."""

    def __init__(self, client: Client, clock: Clock, raw: dict[str, Any]) -> None:
        super().__init__(client, clock, RESTORE_DRILLS, RestoreDrill, raw)

    @property
    def drill(self) -> RestoreDrill:
        return self._object

    @property
    def status(self) -> DrillStatus:
        return self.drill.status

    async def enter(self, run: Run, phase: Phase, **found: Any) -> None:  # noqa: ANN401  (fields of Trial)
        """Go to another phase of the run, and note what was found out."""
        trial = msgspec.structs.replace(run.trial, **found)
        await self.record(run=msgspec.structs.replace(run, phase=phase, trial=trial))

    async def conclude(self, run: Run, result: Result, message: str, *, check_seconds: int = 0) -> None:
        """Note the result; what the run made is cleaned up after that."""
        found = {"result": result, "message": message, "check_seconds": check_seconds, "ended": self.now}
        await self.enter(run, Phase.CLEANING, **found)

    async def file(self, trial: Trial, keep: int, **changes: Any) -> None:  # noqa: ANN401  (fields of DrillStatus)
        """Put a result among the others; no run is under way then."""
        proven = trial.result == Result.PROVEN and trial.ended is not None
        proof = {"last_proven": _proof(trial)} if proven else {}
        await self.record(run=None, history=[trial, *self.status.history][:keep], **proof, **changes)


def _proof(trial: Trial) -> Proof:
    ended, picked = trial.ended or trial.started, trial.snapshot
    return Proof(
        time=ended,
        started=trial.started,
        snapshot=picked.name if picked else "",
        claims=picked.claims if picked else [],
        seconds=int((ended - trial.started).total_seconds()),
    )
