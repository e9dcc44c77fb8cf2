"""The table of locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from holdfast.api.velero import LOCATIONS, Location
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.listings import Column, show_objects, show_rows
from holdfast.cli.locations.finding import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from holdfast.cli.options import Target

_COLOURS = {"Available": "green", "Unavailable": "red"}
_READ_WRITE = "ReadWrite"


async def show(
    target: Target, namespace: str, names: Sequence[str], *, selector: str, default: bool, output: str
) -> None:
    """List locations: those that are named, or all; with `default` only the default one."""
    async with connect(target) as cluster:
        found = await chosen(cluster, namespace, names, selector=selector)
    if default:
        found = [each for each in found if each["spec"].get("default")]
    if output not in {"table", "wide"}:
        show_objects(found, output, LOCATIONS)
        return
    rows = [msgspec.convert(each, Location) for each in found]
    empty = f"No locations in namespace {namespace}."
    show_rows(rows, _columns(times.now()), wide=output == "wide", empty=empty)


def _columns(now: datetime) -> tuple[Column[Location], ...]:
    return (
        Column("NAME", lambda each: each.metadata.name),
        Column("PROVIDER", lambda each: each.spec.provider),
        Column("BUCKET/PREFIX", _place),
        Column("PHASE", lambda each: each.status.phase or "Unknown", colour=_COLOURS.get),
        Column("LAST VALIDATED", lambda each: _ago(each.status.last_validation_time, now)),
        Column("ACCESS MODE", lambda each: each.spec.access_mode or _READ_WRITE),
        Column("DEFAULT", lambda each: "true" if each.spec.default else ""),
        Column("MESSAGE", lambda each: each.status.message, wide=True, text=True),
    )


def _place(location: Location) -> str:
    storage = location.spec.object_storage
    return f"{storage.bucket}/{storage.prefix}" if storage.prefix else storage.bucket


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{times.age(moment, now)} ago" if moment else "never"
