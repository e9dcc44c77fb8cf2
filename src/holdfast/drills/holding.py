"""Holds of drills that are gone: what protected a snapshot for a run must not keep it for ever.

A key stands for a holder, not for an object: `NAMESPACE/drill-UID`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.drills import RestoreDrill
from holdfast.api.resource import RESTORE_DRILLS, SNAPSHOTS
from holdfast.api.storage import Snapshot
from holdfast.control.controlling import Result
from holdfast.control.keys import Key
from holdfast.drills.acting import set_hold
from holdfast.drills.reading import holder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.control.informing import Informer
    from holdfast.kube.client import Client


class HoldReconciler:
    """Takes away the holds of drills that do not exist."""

    def __init__(self, client: Client, drills: Informer[RestoreDrill]) -> None:
        self._client = client
        self._drills = drills

    async def reconcile(self, key: Key) -> Result:
        if _alive(self._drills.cache.all(), key):
            return Result()
        held = await self._client.list(
            SNAPSHOTS, key.namespace, labels=f"{keys.HOLD}={key.name}", type=Snapshot
        )
        listed = await self._client.list(RESTORE_DRILLS, key.namespace, type=RestoreDrill)
        if not _alive(listed.items, key):
            for snapshot in held.items:
                await set_hold(self._client, snapshot.metadata, None)
        return Result()


def of_drill(drill: RestoreDrill) -> Iterable[Key]:
    """The holder that a drill is."""
    return [Key(drill.metadata.namespace, holder(drill.metadata.uid))]


def of_snapshot(snapshot: Snapshot) -> Iterable[Key]:
    """The drill that holds a snapshot, if one does."""
    name = snapshot.metadata.labels.get(keys.HOLD, "")
    return [Key(snapshot.metadata.namespace, name)] if name.startswith(holder("")) else []


def _alive(drills: Iterable[RestoreDrill], key: Key) -> bool:
    return any(key in of_drill(drill) for drill in drills)
