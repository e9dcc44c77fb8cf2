"""Restore objects carried out, one at a time.

What is found InProgress was begun by a process that is gone, and goes on. Nothing of a restore is undone when its
object is deleted: it only stops.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from holdfast.api.velero import VELERO_RESTORES
from holdfast.archive.errors import ArchiveError
from holdfast.control.following import LongWork, Run, accompanied, new_run
from holdfast.kube import errors, reviewing
from holdfast.locations.errors import LocationError
from holdfast.policy.texts import instant
from holdfast.restores import reading
from holdfast.restores.errors import NotAllowedError, RestoreError, UnreadableRequestError
from holdfast.restores.finding import source
from holdfast.restores.keeping import keep_report
from holdfast.restores.running import restore
from holdfast.restores.views import AskedRestore
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from holdfast.archive.locations import SavedBackup
    from holdfast.control.controlling import Result
    from holdfast.control.informing import Informer
    from holdfast.control.keys import Key
    from holdfast.kube.client import Client
    from holdfast.restores.outcomes import Report

_RUNNING = "InProgress"
_DUE = frozenset({"", "New", _RUNNING})
_FAILURES = (RestoreError, ArchiveError, StoreError, LocationError, errors.KubeError)
logger = structlog.get_logger()


class RestoreReconciler:
    """Carries Restore objects out."""

    def __init__(self, client: Client, restores: Informer[AskedRestore]) -> None:
        self._client = client
        self._work = LongWork(restores, _DUE, self._carry_out)

    async def reconcile(self, key: Key) -> Result:
        return await self._work.reconcile(key)

    async def _carry_out(self, key: Key) -> None:
        raw = await self._client.get(VELERO_RESTORES, key.name, key.namespace)
        asked = msgspec.convert(raw, AskedRestore)
        if asked.status.phase not in _DUE or asked.metadata.deletion_timestamp:
            return
        problems: list[str] = []
        backup: SavedBackup | None
        if asked.status.phase == _RUNNING:  # what it needs was there: if it is not now, that passes
            backup = await source(self._client, asked)
        else:
            problems, backup = await self._looked_at(asked)
        if backup:
            begun = await self._begin(asked, backup.name)
            await self._do(msgspec.convert(begun, AskedRestore), begun, backup)
        else:
            await self._write(asked, {"status": {"phase": "FailedValidation", "validationErrors": problems}})

    async def _looked_at(self, asked: AskedRestore) -> tuple[list[str], SavedBackup | None]:
        """What speaks against a new one, or the backup that it is from."""
        if problems := list(reading.problems(asked.spec)):
            return problems, None
        try:
            await self._must_be_allowed()
            return [], await source(self._client, asked)
        except (LocationError, ArchiveError, StoreError, RestoreError) as error:
            return [str(error)], None

    async def _must_be_allowed(self) -> None:
        everything = {"verb": "*", "group": "*", "resource": "*"}
        if not await reviewing.allowed(self._client, everything):
            raise NotAllowedError(
                "the operator has no right to make whatever a backup holds: `holdfast install --restores` "
                "(velero.restores of the chart) gives it; `holdfast restore create` needs only your own rights"
            )

    async def _begin(self, asked: AskedRestore, backup: str) -> dict[str, Any]:
        """Write down that it begins, and from which backup."""
        body = {
            "metadata": {"annotations": new_run()},
            "spec": {"backupName": backup},
            "status": {"phase": _RUNNING, "startTimestamp": _now(), "progress": None},
        }
        return await self._write(asked, body)

    async def _write(self, asked: AskedRestore, body: dict[str, Any]) -> dict[str, Any]:
        meta = asked.metadata
        metadata = body.get("metadata", {}) | {"resourceVersion": meta.resource_version}
        return await self._client.patch(
            VELERO_RESTORES, meta.name, body | {"metadata": metadata}, meta.namespace
        )

    async def _do(self, asked: AskedRestore, raw: dict[str, Any], backup: SavedBackup) -> None:
        run = Run(self._client, VELERO_RESTORES, raw)
        try:
            report = await accompanied(run, self._restored(asked, backup, run))
            status = _ended(report)
        except UnreadableRequestError as error:
            status = {"phase": "FailedValidation", "validationErrors": [str(error)]}
        except _FAILURES as error:
            status = {"phase": "Failed", "failureReason": str(error)}
        await run.end(status | {"completionTimestamp": _now()})

    async def _restored(self, asked: AskedRestore, backup: SavedBackup, run: Run) -> Report:
        def tell(_: str, done: int, of: int) -> None:
            run.tell(totalItems=of, itemsRestored=done)

        order = reading.order(asked, backup.name)
        report = await restore(self._client, backup, order, tell)
        report.warnings[""] += reading.unheeded(asked.spec)
        try:
            await asyncio.to_thread(keep_report, backup.store, order.name, report)
        except StoreError as error:
            logger.warning("the report could not be stored", restore=order.name, error=str(error))
            report.warnings[""].append(f"the log and results could not be stored: {error}")
        return report


def _ended(report: Report) -> dict[str, Any]:
    found = {
        "errors": sum(map(len, report.errors().values())),
        "warnings": sum(map(len, report.all_warnings().values())),
    }
    done = len(report.outcomes)
    counts = {name: count for name, count in found.items() if count}
    return {"phase": report.phase, "progress": {"totalItems": done, "itemsRestored": done}} | counts


def _now() -> str:
    return instant(datetime.now(UTC))
