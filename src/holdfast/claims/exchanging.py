"""What the phases of one restore have in common: its journal, the world, and the acts on claims and volumes.

Every act carries UID and resourceVersion of what was looked at, so that a stale one is refused by the API server.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, SNAPSHOTS, VOLUMES
from holdfast.kube import errors
from holdfast.policy.exchange import Phase
from holdfast.policy.intervals import IntervalError, parse_every

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.meta import Metadata
    from holdfast.api.restores import VolumeRecord
    from holdfast.api.storage import Claim, Snapshot, Volume
    from holdfast.claims.journal import Journal
    from holdfast.claims.siblings import Siblings
    from holdfast.claims.world import World
    from holdfast.control.clocks import Clock
    from holdfast.kube.client import Client

SOON = 1.0
"""Seconds until a wait is looked at again."""
LATER = 10.0
"""Seconds until something that only a person can change is looked at again."""
KEEP_OLD_VOLUME = timedelta(hours=24)
PATIENCE = timedelta(seconds=60)
"""How long a refusal is waited out that time alone may mend."""
FENCE = "holdfast.dev/fence"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One restore at work."""

    client: Client
    clock: Clock
    journal: Journal
    world: World
    siblings: Siblings

    async def refuse(self, reason: str) -> None:
        """End it before anything was touched."""
        await self.journal.enter(Phase.FAILED, f"refused, nothing was touched: {reason}", reason=reason)

    async def delete_claim(self, claim: Claim) -> None:
        """Delete exactly the claim that was looked at; one that is gone already is fine."""
        meta = claim.metadata
        try:
            await self.client.delete(
                CLAIMS, meta.name, meta.namespace, uid=meta.uid, resource_version=meta.resource_version
            )
        except errors.NotFound:
            return

    async def fence_claim(self, claim: Claim) -> None:
        """Give the claim a new resourceVersion, so that a delete which was decided before cannot succeed."""
        for value in ("raised", None):
            found = await self.world.claim()
            if found and found.metadata.uid == claim.metadata.uid:
                await self._annotate_claim(found.metadata, value)

    async def _annotate_claim(self, meta: Metadata, value: str | None) -> None:
        body = {"metadata": _as_seen(meta) | {"annotations": {FENCE: value}}}
        await self.client.patch(CLAIMS, meta.name, body, meta.namespace)

    async def set_policy(self, volume: Volume, policy: str) -> None:
        """Patch the reclaim policy of exactly the volume that was looked at.

        The journal is confirmed in between: whoever slept until another had finished may have looked at the volume
        only after that, and would undo what the other left, or what a later restore relies on.
        """
        if volume.spec.persistent_volume_reclaim_policy != policy:
            await self.journal.confirm()
            body = {"metadata": _as_seen(volume.metadata), "spec": {"persistentVolumeReclaimPolicy": policy}}
            await self.client.patch(VOLUMES, volume.metadata.name, body)

    async def recorded_volume(self, record: VolumeRecord | None) -> Volume | None:
        """The recorded volume, if it is still there and still the same one."""
        volume = await self.world.volume(record.name) if record else None
        return volume if volume and record and volume.metadata.uid == record.uid else None

    async def retained(self, record: VolumeRecord | None) -> bool:
        """Whether the volume is on Retain by now, read back; patched if it was not."""
        volume = await self.recorded_volume(record)
        if volume is None:
            return False
        await self.set_policy(volume, "Retain")
        again = await self.recorded_volume(record)
        return again is not None and again.spec.persistent_volume_reclaim_policy == "Retain"

    async def put_policy_back(self, record: VolumeRecord | None) -> None:
        volume = await self.recorded_volume(record)
        if volume and record:
            await self.set_policy(volume, record.policy)

    async def hold(self, snapshot: Snapshot, holder: str | None) -> None:
        """Set or take away the label that protects a snapshot from retention."""
        meta = snapshot.metadata
        body = {"metadata": _as_seen(meta) | {"labels": {keys.HOLD: holder}}}
        await self.client.patch(SNAPSHOTS, meta.name, body, meta.namespace)

    async def unhold_target(self) -> None:
        """Take our own hold away from the snapshot that was restored."""
        target = self.journal.status.target
        if target is None or not target.held:
            return
        snapshot = await self.world.snapshot(target.name)
        if snapshot and snapshot.metadata.labels.get(keys.HOLD) == self.holder:
            await self.hold(snapshot, None)

    def just_entered(self) -> bool:
        """Whether the phase began so recently that what refuses it may be about to change."""
        return self.clock.now() - self.journal.status.phases[-1].at < PATIENCE

    def grace_ends(self) -> datetime:
        """When the volume that loses may go, if it loses now; whatever cannot be read counts as not said."""
        try:
            grace = parse_every(self.journal.spec.keep_old_volume_for)
        except IntervalError:
            grace = KEEP_OLD_VOLUME
        return self.clock.now().replace(microsecond=0) + max(grace, timedelta())

    @property
    def holder(self) -> str:
        return f"restore-{self.journal.restore.metadata.uid}"


def _as_seen(meta: Metadata) -> dict[str, str]:
    return {"uid": meta.uid, "resourceVersion": meta.resource_version}
