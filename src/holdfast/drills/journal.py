"""The record that precedes every act: the status of a RestoreDrill, written with its resourceVersion.

Whoever writes second gets a conflict and looks at the world again, so two operators do not both take one turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.drills import DrillStatus, Proof, RestoreDrill, Run, Trial
from holdfast.api.meta import builtins
from holdfast.api.resource import RESTORE_DRILLS
from holdfast.kube import errors
from holdfast.policy.proving import Phase, Result

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.control.clocks import Clock
    from holdfast.kube.client import Client


class Journal:
    """A RestoreDrill as it was last read or written."""

    def __init__(self, client: Client, clock: Clock, raw: dict[str, Any]) -> None:
        self._client = client
        self._clock = clock
        self._take(raw)

    def _take(self, raw: dict[str, Any]) -> None:
        self._raw = raw
        self.drill = msgspec.convert(raw, RestoreDrill)

    @property
    def status(self) -> DrillStatus:
        return self.drill.status

    @property
    def now(self) -> datetime:
        """The present second."""
        return self._clock.now().replace(microsecond=0)

    async def record(self, **changes: Any) -> None:  # noqa: ANN401  (fields of DrillStatus)
        """Write the changes down; nothing is sent when there are none.

        Raises:
            holdfast.kube.errors.Conflict: somebody else wrote since the object was read.
        """
        status = msgspec.structs.replace(self.status, **changes)
        if status != self.status:
            body = self._raw | {"status": builtins(status)}
            self._take(await self._client.replace(RESTORE_DRILLS, body, subresource="status"))

    async def confirm(self) -> None:
        """See that nobody has written since: what was looked at after the last write is of this very state then.

        Raises:
            holdfast.kube.errors.Conflict: somebody has.
            holdfast.kube.errors.NotFound: the drill is gone.
        """
        meta = self.drill.metadata
        found = await self._client.get(RESTORE_DRILLS, meta.name, meta.namespace)
        if found["metadata"]["resourceVersion"] != meta.resource_version:
            raise errors.Conflict(409, "Conflict", f"drill {meta.name} went on without us")

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
    ended = trial.ended or trial.started
    return Proof(
        time=ended,
        started=trial.started,
        snapshot=trial.snapshot.name if trial.snapshot else "",
        seconds=int((ended - trial.started).total_seconds()),
    )
