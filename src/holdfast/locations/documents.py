"""A Backup object from its document in a location. Pure. Rules: Velero 1.18, its backup sync controller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.policy.labelling import label_value
from holdfast.policy.syncing import phase_here

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from holdfast.api.velero import Location
    from holdfast.archive.locations import SavedBackup

_SCHEDULE = "Schedule"


def brought_in(
    saved: SavedBackup, location: Location, schedules: Collection[tuple[str, str]], now: datetime
) -> dict[str, Any] | None:
    """The object for this cluster; None while the backup does not come in.

    Hooks are left out: they came from a stranger and would run commands here.

    Args:
        saved: the backup in the store.
        location: what the store is called here.
        schedules: names and UIDs of those that the cluster has.
        now: the present moment.
    """
    status = saved.view.status
    if not (phase := phase_here(status.phase, status.expiration, now)):
        return None
    meta, document = saved.view.metadata, saved.document
    spec = {key: value for key, value in (document.get("spec") or {}).items() if key != "hooks"}
    name = location.metadata.name
    return {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {
            "name": meta.name,
            "namespace": location.metadata.namespace,
            "labels": meta.labels | {keys.VELERO_LOCATION: label_value(name)},
            "annotations": meta.annotations,
            "ownerReferences": _owners(document, schedules),
        },
        "spec": spec | {"storageLocation": name},
        "status": document["status"] | {"phase": phase},
    }


def _owners(document: dict[str, Any], schedules: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """Schedules that are there; with an owner that is not, the object would be taken away again."""
    references: list[dict[str, Any]] = document["metadata"].get("ownerReferences") or []
    return [
        each for each in references if each["kind"] == _SCHEDULE and (each["name"], each["uid"]) in schedules
    ]
