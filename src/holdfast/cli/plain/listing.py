"""The table of snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api import keys
from holdfast.api.resource import SNAPSHOTS
from holdfast.api.storage import Snapshot
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.listings import Column, show_objects, show_rows

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.cli.options import Target

READY = {"yes": "green", "no": "yellow", "failing": "red", "leaving": "bright_black"}


def state(snapshot: Snapshot) -> str:
    """In one word: `yes` it is ready, `no` not yet, `failing` the driver has an error, `leaving` it is deleted."""
    if snapshot.metadata.deletion_timestamp:
        return "leaving"
    if snapshot.status.ready_to_use:
        return "yes"
    return "failing" if snapshot.status.error else "no"


def source(snapshot: Snapshot) -> str:
    """The claim, or the content of one that was brought in from elsewhere."""
    origin = snapshot.spec.source
    return origin.persistent_volume_claim_name or f"({origin.volume_snapshot_content_name})"


def columns(now: datetime, *, namespaced: bool = False) -> tuple[Column[Snapshot], ...]:
    place = (Column[Snapshot]("NAMESPACE", lambda s: s.metadata.namespace),) if namespaced else ()
    return (
        *place,
        Column("NAME", lambda s: s.metadata.name),
        Column("CLAIM", source),
        Column("READY", state, colour=READY.get),
        Column("SIZE", lambda s: s.status.restore_size),
        Column("GROUP", lambda s: s.group),
        Column("HELD BY", lambda s: s.metadata.labels.get(keys.HOLD, "")),
        Column("AGE", lambda s: times.age(s.taken, now)),
        Column("CLASS", lambda s: s.spec.volume_snapshot_class_name or "", wide=True),
        Column("CONTENT", lambda s: s.status.bound_volume_snapshot_content_name, wide=True),
        Column("ERROR", lambda s: s.status.error.message if s.status.error else "", wide=True, text=True),
    )


async def show(target: Target, *, all_namespaces: bool, output: str) -> None:
    """List snapshots, by claim, the newest last."""
    async with connect(target) as cluster:
        namespace = None if all_namespaces else cluster.namespace
        objects = (await cluster.client.list(SNAPSHOTS, namespace)).items
    if output not in {"table", "wide"}:
        show_objects(objects, output, SNAPSHOTS)
        return
    rows = sorted(map(_typed, objects), key=_order)
    empty = "No snapshots." if all_namespaces else f"No snapshots in namespace {namespace}."
    show_rows(rows, columns(times.now(), namespaced=all_namespaces), wide=output == "wide", empty=empty)


def _typed(item: dict[str, Any]) -> Snapshot:
    return msgspec.convert(item, Snapshot)


def _order(snapshot: Snapshot) -> tuple[str, str, float, str]:
    moment = snapshot.taken
    stamp = moment.timestamp() if moment else 0.0
    return snapshot.metadata.namespace, source(snapshot), stamp, snapshot.metadata.name
