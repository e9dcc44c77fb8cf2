"""Schedules of Velero's: a Backup object each time that one fires, unless the one before has not ended.

The Backup is made first and the Schedule told afterwards. Who was killed in between finds the Backup by the UID of
the Schedule in it, and makes no second one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.keys import SCHEDULE_UID, VELERO_SCHEDULE
from holdfast.api.velero import VELERO_BACKUPS, VELERO_SCHEDULES
from holdfast.backups import reading
from holdfast.backups.views import AskedBackup, Schedule
from holdfast.control.controlling import Result
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.policy import rhythms
from holdfast.policy.errors import CronError
from holdfast.policy.labelling import label_value
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.policy.rhythms import Rhythm

OFTEN_ENOUGH = 60.0
"""Seconds after which a Schedule is looked at in any case: timers do not know of clocks that are set."""
_ENDED = frozenset({"Completed", "PartiallyFailed", "Failed", "FailedValidation", "Deleting"})
_KUBECTL = "kubectl.kubernetes.io/last-applied-configuration"


class ScheduleReconciler:
    """Carries out one Schedule."""

    def __init__(self, client: Client, clock: Clock, recorder: Recorder) -> None:
        self._client, self._clock, self._recorder = client, clock, recorder

    async def reconcile(self, key: Key) -> Result:
        try:
            raw = await self._client.get(VELERO_SCHEDULES, key.name, key.namespace)
        except errors.NotFound:
            return Result()
        schedule = msgspec.convert(raw, Schedule)
        if schedule.spec.paused or schedule.metadata.deletion_timestamp:
            return Result()
        rhythm, problems = _read(schedule)
        raw = await self._validated(raw, schedule, problems)
        if rhythm is None or problems:
            return Result()
        return await self._carry_out(raw, msgspec.convert(raw, Schedule), rhythm)

    async def _validated(
        self, raw: dict[str, Any], schedule: Schedule, problems: list[str]
    ) -> dict[str, Any]:
        """Write down whether it can be followed, and that its first turn was skipped."""
        status: dict[str, Any] = {}
        phase = "FailedValidation" if problems else "Enabled"
        if (schedule.status.phase, schedule.status.validation_errors or []) != (phase, problems):
            status |= {"phase": phase, "validationErrors": problems or None}
        skips = bool(schedule.spec.skip_immediately)
        if skips:
            status["lastSkipped"] = instant(self._clock.now())
        spec = {"spec": {"skipImmediately": False}} if skips else {}
        return await self._write(raw, spec | {"status": status}) if status else raw

    async def _carry_out(self, raw: dict[str, Any], schedule: Schedule, rhythm: Rhythm) -> Result:
        now, since = self._clock.now(), schedule.since or self._clock.now()
        fires = rhythm.after(since)
        if fires and fires <= now:
            made = await self._made(schedule)
            recorded = max((b.metadata.creation_timestamp or since for b in made), default=since)
            if recorded > since:
                await self._write(raw, {"status": {"lastBackup": instant(recorded)}})
                return Result(after=0)
            if all(backup.status.phase in _ENDED for backup in made):
                await self._make(raw, schedule, now)
                fires = rhythm.after(now)
        left = (fires - self._clock.now()).total_seconds() if fires else OFTEN_ENOUGH
        return Result(after=min(OFTEN_ENOUGH, max(1.0, left)))

    async def _made(self, schedule: Schedule) -> list[AskedBackup]:
        """The Backups of this very Schedule."""
        selector = f"{VELERO_SCHEDULE}={label_value(schedule.metadata.name)}"
        found = await self._client.list(
            VELERO_BACKUPS, schedule.metadata.namespace, labels=selector, type=AskedBackup
        )
        uid = schedule.metadata.uid
        return [backup for backup in found.items if backup.metadata.annotations.get(SCHEDULE_UID) == uid]

    async def _make(self, raw: dict[str, Any], schedule: Schedule, now: datetime) -> None:
        body = backup_of(raw, now)
        try:
            await self._client.create(VELERO_BACKUPS, body)
        except errors.AlreadyExists:
            reason = f"Backup {body['metadata']['name']} exists and is another's: delete it, or rename the schedule"
            self._recorder.event(Reference.to(VELERO_SCHEDULES, schedule), "Warning", "NotMade", reason)
        await self._write(raw, {"status": {"lastBackup": instant(now)}})

    async def _write(self, raw: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
        meta = raw["metadata"]
        body = {"metadata": {"resourceVersion": meta["resourceVersion"]}} | change
        return await self._client.patch(VELERO_SCHEDULES, meta["name"], body, meta["namespace"])


def backup_of(schedule: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The Backup that a Schedule wants now. Its name ends with the time, as Velero writes it."""
    meta, spec = schedule["metadata"], schedule["spec"]
    template = spec["template"]
    labels = (template.get("metadata") or {}).get("labels") or meta.get("labels") or {}
    annotations = {key: value for key, value in meta.get("annotations", {}).items() if key != _KUBECTL}
    owner = {
        "apiVersion": VELERO_SCHEDULES.api_version,
        "kind": VELERO_SCHEDULES.kind,
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
    }
    return {
        "apiVersion": VELERO_BACKUPS.api_version,
        "kind": VELERO_BACKUPS.kind,
        "metadata": {
            "name": f"{meta['name']}-{now:%Y%m%d%H%M%S}",
            "namespace": meta["namespace"],
            "labels": labels | {VELERO_SCHEDULE: label_value(meta["name"])},
            "annotations": annotations | {SCHEDULE_UID: meta["uid"]},
            **({"ownerReferences": [owner]} if spec.get("useOwnerReferencesInBackup") else {}),
        },
        "spec": template,
    }


def _read(schedule: Schedule) -> tuple[Rhythm | None, list[str]]:
    problems = reading.problems(schedule.spec.template)
    try:
        return rhythms.parse(schedule.spec.schedule), problems
    except CronError as error:
        return None, [f"spec.schedule: {error}", *problems]
