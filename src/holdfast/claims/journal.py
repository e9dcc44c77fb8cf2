"""One VolumeRestore as a journal: its phases, what it waits for, and its finalizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.meta import Condition, set_condition
from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import PhaseTime, RestoreSpec, RestoreStatus, VolumeRestore
from holdfast.control import journaling
from holdfast.policy.exchange import Phase

if TYPE_CHECKING:
    from holdfast.control.clocks import Clock
    from holdfast.kube.client import Client


class Journal(journaling.Journal[VolumeRestore]):
    """A VolumeRestore as it was last read or written."""

    def __init__(self, client: Client, clock: Clock, raw: dict[str, Any]) -> None:
        super().__init__(client, clock, VOLUME_RESTORES, VolumeRestore, raw)

    @property
    def restore(self) -> VolumeRestore:
        return self._object

    @property
    def spec(self) -> RestoreSpec:
        return self.restore.spec

    @property
    def status(self) -> RestoreStatus:
        return self.restore.status

    @property
    def phase(self) -> Phase:
        return Phase(self.status.phase or Phase.REQUESTED)

    @property
    def namespace(self) -> str:
        return self.restore.metadata.namespace

    @property
    def blocked(self) -> bool:
        """Whether only a person can end the wait."""
        return any(c.type == "Blocked" and c.status == "True" for c in self.status.conditions)

    def had(self, phase: Phase) -> bool:
        """Whether this phase was ever entered."""
        return any(p.phase == phase for p in self.status.phases)

    async def enter(self, phase: Phase, message: str = "", **changes: Any) -> None:  # noqa: ANN401
        """Go to another phase, and say so before it acts."""
        phases = [*self.status.phases, PhaseTime(phase=phase, at=self.now)]
        conditions = self._blocked(blocked=False, message="")
        await self.record(phase=phase, message=message, phases=phases, conditions=conditions, **changes)

    async def say(self, message: str, *, blocked: bool = False) -> None:
        """Note what is being waited for; `blocked` if only a person can end the wait."""
        await self.record(message=message, conditions=self._blocked(blocked=blocked, message=message))

    def _blocked(self, *, blocked: bool, message: str) -> list[Condition]:
        if not blocked and not any(c.type == "Blocked" for c in self.status.conditions):
            return self.status.conditions
        new = Condition(
            type="Blocked",
            status="True" if blocked else "False",
            reason="NeedsDecision" if blocked else "Free",
            message=message if blocked else "",
        )
        return set_condition(self.status.conditions, new, self._clock.now())

    async def add_finalizer(self, finalizer: str) -> None:
        """Have the object stay when somebody deletes it."""
        if finalizer not in self.restore.metadata.finalizers:
            await self._set_finalizers([*self.restore.metadata.finalizers, finalizer])

    async def drop_finalizer(self, finalizer: str) -> None:
        """Let the object go when somebody deletes it."""
        kept = [f for f in self.restore.metadata.finalizers if f != finalizer]
        if kept != self.restore.metadata.finalizers:
            await self._set_finalizers(kept)

    async def _set_finalizers(self, finalizers: list[str]) -> None:
        metadata = self._raw["metadata"] | {"finalizers": finalizers}
        self._take(await self._client.replace(VOLUME_RESTORES, self._raw | {"metadata": metadata}))
