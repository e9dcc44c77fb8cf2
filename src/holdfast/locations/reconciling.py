"""One BackupStorageLocation: looked at and synced as often as its spec says, or each minute."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from holdfast.api.velero import AVAILABLE, LOCATIONS, UNAVAILABLE, Location
from holdfast.control.controlling import Result
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.locations.syncing import Sync
from holdfast.locations.validating import Verdict, explained, validate
from holdfast.policy import durations
from holdfast.policy.durations import DurationError
from holdfast.policy.syncing import left
from holdfast.policy.texts import instant
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.velero import LocationSpec
    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.locations.caches import Caches

USUAL = timedelta(minutes=1)
"""Between two validations, and between two syncs, where the spec says nothing; as with Velero."""
SHORTEST = 1.0
"""Seconds between two looks at least."""


class LocationReconciler:
    """Drives BackupStorageLocations."""

    def __init__(self, client: Client, caches: Caches, clock: Clock, recorder: Recorder) -> None:
        self._client, self._caches, self._clock, self._recorder = client, caches, clock, recorder
        self._seen: dict[Key, LocationSpec] = {}
        self._proven: dict[Key, LocationSpec] = {}

    async def reconcile(self, key: Key) -> Result:
        try:
            location = await self._client.get(LOCATIONS, key.name, key.namespace, type=Location)
        except errors.NotFound:
            self._forget(key)
            return Result()
        validation, sync = _waits(location, self._clock.now())
        new = self._seen.get(key) != location.spec
        if new or _due(validation) or _due(sync):
            await self._look(key, location, sync=_due(sync) or (new and sync is not None))
            return Result(after=SHORTEST)
        waits = [wait.total_seconds() for wait in (validation, sync) if wait is not None]
        return Result(after=max(SHORTEST, min(waits))) if waits else Result()

    def _forget(self, key: Key) -> None:
        self._seen.pop(key, None)
        self._proven.pop(key, None)

    async def _look(self, key: Key, location: Location, *, sync: bool) -> None:
        """Validate, sync if wanted, and write down both."""
        now = self._clock.now()
        verdict = await validate(self._client, location, prove=self._proven.get(key) != location.spec)
        synced: dict[str, Any] = {}
        if verdict.where and sync:
            try:
                synced = await self._sync(location, verdict, now)
            except StoreError as error:
                verdict = Verdict(problem=explained(error))
        self._seen[key] = location.spec
        if not verdict.problem:
            self._proven[key] = location.spec
        phase = UNAVAILABLE if verdict.problem else AVAILABLE
        said = {"phase": phase, "message": verdict.problem, "lastValidationTime": instant(now)}
        if phase != location.status.phase:
            self._tell(location, phase, verdict.problem or "the location can be used")
        await self._client.patch(LOCATIONS, key.name, {"status": said | synced}, key.namespace)

    async def _sync(self, location: Location, verdict: Verdict, now: datetime) -> dict[str, Any]:
        """Do it; gives what the status is to say of it."""
        if verdict.where is None:
            return {}
        known = location.status.last_synced_revision
        same = bool(verdict.identity) and verdict.identity == known

        def tell(reason: str, note: str) -> None:
            self._tell(location, reason, note)

        await Sync(self._client, self._caches, location, verdict.where, same, tell).run(now)
        return {"lastSyncedTime": instant(now), "lastSyncedRevision": known or verdict.identity}

    def _tell(self, location: Location, reason: str, note: str) -> None:
        severity = "Normal" if reason == AVAILABLE else "Warning"
        self._recorder.event(Reference.to(LOCATIONS, location), severity, reason, note)


def _waits(location: Location, now: datetime) -> tuple[timedelta | None, timedelta | None]:
    """Until the next validation, and until the next sync; None for never."""
    spec, status = location.spec, location.status
    period = _length(spec.backup_sync_period)
    return (
        left(status.last_validation_time, _length(spec.validation_frequency), now),
        left(status.last_synced_time, period, now) if period else None,
    )


def _length(text: str | None) -> timedelta:
    """What cannot be read, or is below zero, counts as not said; the validation tells."""
    try:
        length = USUAL if text is None else durations.read(text)
    except DurationError:
        return USUAL
    return length if length >= timedelta() else USUAL


def _due(wait: timedelta | None) -> bool:
    return wait is not None and wait <= timedelta()
