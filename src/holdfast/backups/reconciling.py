"""Backup objects carried out: who waits gets a turn, who has a turn is made.

Two controllers share the work. One looks at all Backups together and decides who may begin (`policy/turns.py`); the
other has a worker for each that may run at a time, and makes one from its first to its last object. What is found
InProgress was begun by a process that is gone: it begins again, under the name that is reserved for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.resource import NAMESPACES
from holdfast.api.velero import VELERO_BACKUPS
from holdfast.archive.errors import ArchiveError
from holdfast.archive.writing import FORMAT
from holdfast.backups import reading
from holdfast.backups.errors import BackupError
from holdfast.backups.preparing import prepare
from holdfast.backups.reserving import Owner
from holdfast.backups.saving import Order, save
from holdfast.backups.views import AskedBackup
from holdfast.control.controlling import Result
from holdfast.control.following import LongWork, Run, accompanied, new_run
from holdfast.kube import errors
from holdfast.policy.texts import instant
from holdfast.policy.turns import Entry, Phase, moves
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from holdfast.backups.preparing import Prepared
    from holdfast.control.informing import Informer
    from holdfast.control.keys import Key
    from holdfast.kube.client import Client
    from holdfast.policy.turns import Move
    from holdfast.store.stores import Store

_WAITING = {phase.value: phase for phase in Phase} | {"": Phase.NEW}
DUE = frozenset({Phase.READY.value, Phase.RUNNING.value})


class TurnReconciler:
    """Gives turns; every key means all Backups."""

    def __init__(self, client: Client, backups: Informer[AskedBackup], most: int) -> None:
        self._client, self._backups, self._most = client, backups, most

    async def reconcile(self, _: Key) -> Result:
        known = {backup.metadata.name: backup for backup in self._backups.cache.all()}
        entries = [_entry(backup) for backup in known.values() if backup.status.phase in _WAITING]
        for move in moves(entries, self._most):
            await self._move(known[move.name], move)
        return Result()

    async def _move(self, backup: AskedBackup, move: Move) -> None:
        meta = backup.metadata
        body = {
            "metadata": {"resourceVersion": meta.resource_version},
            "status": {"phase": move.phase.value, "queuePosition": move.position},
        }
        await self._client.patch(VELERO_BACKUPS, meta.name, body, meta.namespace)


def _entry(backup: AskedBackup) -> Entry:
    meta, status = backup.metadata, backup.status
    asked = meta.creation_timestamp or datetime.now(UTC)
    names = reading.filters(backup.spec).namespaces
    return Entry(meta.name, _WAITING[status.phase], asked, names, status.queue_position)


class SaveReconciler:
    """Makes the backup of a Backup that has its turn."""

    def __init__(self, client: Client, backups: Informer[AskedBackup]) -> None:
        self._client = client
        self._work = LongWork(backups, DUE, self._carry_out)

    async def reconcile(self, key: Key) -> Result:
        return await self._work.reconcile(key)

    async def _carry_out(self, key: Key) -> None:
        raw = await self._client.get(VELERO_BACKUPS, key.name, key.namespace)
        asked = msgspec.convert(raw, AskedBackup)
        if asked.status.phase not in DUE or asked.metadata.deletion_timestamp:
            return
        prepared = await prepare(self._client, raw)
        begun = await self._begin(key, raw, prepared)
        if prepared.store and not prepared.problems:
            await self._make(begun, prepared.store)

    async def _begin(self, key: Key, raw: dict[str, Any], prepared: Prepared) -> dict[str, Any]:
        """Write down that it begins, or why it cannot."""
        now, refused = datetime.now(UTC), {"phase": "FailedValidation", "validationErrors": prepared.problems}
        begins = {"phase": Phase.RUNNING.value, "startTimestamp": instant(now), "progress": None}
        status = {"version": 1, "formatVersion": FORMAT, "queuePosition": None}
        body = prepared.changes | {"status": status | (refused if prepared.problems else begins)}
        body["metadata"]["resourceVersion"] = raw["metadata"]["resourceVersion"]
        body["metadata"]["annotations"] |= new_run()
        return await self._client.patch(VELERO_BACKUPS, key.name, body, key.namespace)

    async def _make(self, raw: dict[str, Any], store: Store) -> None:
        run = Run(self._client, VELERO_BACKUPS, raw)
        order = await self._order(raw, msgspec.convert(raw, AskedBackup))

        def tell(_: str, items: int) -> None:
            run.tell(totalItems=items, itemsBackedUp=items)

        try:
            made = await accompanied(run, save(self._client, store, order, tell, run.confirm))
            status = made["status"]
        except (BackupError, ArchiveError, StoreError, errors.KubeError) as error:
            status = {
                "phase": "Failed",
                "failureReason": str(error),
                "completionTimestamp": instant(datetime.now(UTC)),
            }
        await run.end(status)

    async def _order(self, raw: dict[str, Any], asked: AskedBackup) -> Order:
        cluster = await self._client.get(NAMESPACES, "kube-system")
        kept = {name: value for name, value in raw["metadata"].items() if name != "managedFields"}
        return Order(
            kept,
            reading.filters(asked.spec),
            raw["spec"],
            reading.ttl(asked.spec),
            Owner(asked.metadata.uid, asked.metadata.namespace, cluster["metadata"]["uid"]),
            contents=asked.spec.wants_contents,
            unheeded=tuple(reading.unheeded(asked.spec)),
            unmet=tuple(reading.unmet(asked.spec)),
            started=asked.status.start_timestamp or datetime.now(UTC),
        )
