"""The record that precedes every act: one VolumeRestore, written with its resourceVersion.

Whoever writes second gets a conflict and looks at the world again, so two operators that both believe they lead
cannot both go on from one state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.meta import Condition, builtins, set_condition
from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import PhaseTime, RestoreSpec, RestoreStatus, VolumeRestore
from holdfast.kube import errors
from holdfast.policy.exchange import Phase

if TYPE_CHECKING:
    from holdfast.control.clocks import Clock
    from holdfast.kube.client import Client


class Journal:
    """A VolumeRestore as it was last read or written."""

    def __init__(self, client: Client, clock: Clock, raw: dict[str, Any]) -> None:
        self._client = client
        self._clock = clock
        self._take(raw)

    def _take(self, raw: dict[str, Any]) -> None:
        self._raw = raw
        self.restore = msgspec.convert(raw, VolumeRestore)

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

    async def record(self, **changes: Any) -> None:  # noqa: ANN401  (fields of RestoreStatus)
        """Write the changes down; nothing is sent when there are none.

        Raises:
            holdfast.kube.errors.Conflict: somebody else wrote since the object was read.
        """
        status = msgspec.structs.replace(self.status, **changes)
        if status == self.status:
            return
        body = self._raw | {"status": builtins(status)}
        self._take(await self._client.replace(VOLUME_RESTORES, body, subresource="status"))

    async def confirm(self) -> None:
        """See that nobody has written since.

        Raises:
            holdfast.kube.errors.Conflict: somebody has.
            holdfast.kube.errors.NotFound: somebody let the object go.
        """
        meta = self.restore.metadata
        found = await self._client.get(VOLUME_RESTORES, meta.name, meta.namespace)
        if found["metadata"]["resourceVersion"] != meta.resource_version:
            raise errors.Conflict(409, "Conflict", f"restore {meta.name} went on without us")

    async def enter(self, phase: Phase, message: str = "", **changes: Any) -> None:  # noqa: ANN401
        """Go to another phase, and say so before it acts."""
        now = self._clock.now().replace(microsecond=0)
        phases = [*self.status.phases, PhaseTime(phase=phase, at=now)]
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
