"""Snapshots as restic lists them."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.selecting import grouped_by
from holdfast.cli.repo.tables import table
from holdfast.cli.repo.wording import local, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import Repository, Snapshot, SnapshotFilter


class Wanted(NamedTuple):
    """What is listed, and how."""

    ids: tuple[str, ...]
    compact: bool
    group_by: str
    latest: int


class Group(NamedTuple):
    """What snapshots have in common; None: not grouped by it."""

    hostname: str = ""
    paths: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None


def show(settings: Settings, wanted: Wanted, selection: SnapshotFilter) -> None:
    """List them."""
    screen = Screen(settings)
    fields = grouped_by(wanted.group_by)
    with opened(settings) as repository:
        found = chosen(repository, screen, wanted.ids, selection)
    parts = [
        (key, _newest(part, wanted.latest, grouped=bool(fields))) for key, part in _parted(found, fields)
    ]
    if settings.json:
        screen.document(_documents(parts, grouped=bool(fields)))
        return
    for key, part in parts:
        if not part:
            continue
        if head := _head(key):
            screen.result(head)
        for line in _table(part, compact=wanted.compact):
            screen.result(line)


def chosen(
    repository: Repository, screen: Screen, ids: Sequence[str], selection: SnapshotFilter
) -> list[Snapshot]:
    """Those that were named, or all that fit, oldest first; what is not there or unreadable is said and left out."""
    from holdfast_engine import EngineError

    if not ids:
        return repository.snapshots(
            **selection, on_error=lambda error: screen.warn(f"Ignoring snapshot: {error}")
        )
    found: dict[str, Snapshot] = {}
    for name in ids:
        try:
            snapshot = repository.snapshot(name, **selection)
        except EngineError as error:
            screen.warn(f'Ignoring "{name}": {error}')
        else:
            found.setdefault(snapshot.id, snapshot)
    return list(found.values())


def document(snapshot: Snapshot) -> dict[str, object]:
    """A snapshot as restic's JSON shows it."""
    stored: dict[str, object] = json.loads(snapshot.to_json())
    return {**stored, "id": snapshot.id, "short_id": snapshot.short_id}


def _parted(snapshots: list[Snapshot], fields: Sequence[str]) -> list[tuple[Group, list[Snapshot]]]:
    if not fields:
        return [(Group(), snapshots)]

    def key(snapshot: Snapshot) -> Group:
        return Group(
            snapshot.hostname if "host" in fields else "",
            tuple(sorted(snapshot.paths)) if "paths" in fields else None,
            tuple(sorted(snapshot.tags)) if "tags" in fields else None,
        )

    ordered = sorted(snapshots, key=lambda snapshot: tuple(part or () for part in key(snapshot)[1:]))
    ordered.sort(key=lambda snapshot: key(snapshot).hostname)
    return [(part, list(members)) for part, members in groupby(ordered, key)]


def _newest(snapshots: list[Snapshot], latest: int, *, grouped: bool) -> list[Snapshot]:
    if not latest:
        return snapshots
    kept: list[Snapshot] = []
    seen: dict[object, int] = {}
    for snapshot in reversed(snapshots):
        key = None if grouped else (snapshot.hostname, tuple(sorted(snapshot.paths)))
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= latest:
            kept.append(snapshot)
    return kept[::-1]


def _documents(parts: Sequence[tuple[Group, list[Snapshot]]], *, grouped: bool) -> list[dict[str, object]]:
    if not grouped:
        return [document(snapshot) for _, part in parts for snapshot in part]
    return [
        {"group_key": key._asdict(), "snapshots": [document(each) for each in part]} for key, part in parts
    ]


def _head(key: Group) -> str:
    said = [
        f"host [{key.hostname}]" if key.hostname else "",
        f"tags [{', '.join(key.tags)}]" if key.tags is not None else "",
        f"paths [{', '.join(key.paths)}]" if key.paths is not None else "",
    ]
    return f"snapshots for ({', '.join(filter(None, said))}):" if any(said) else ""


def _table(snapshots: list[Snapshot], *, compact: bool) -> list[str]:
    sized = any(snapshot.summary for snapshot in snapshots)
    heads = ["ID", "Time", *(["Host", "Tags  "] if compact else ["Host      ", "Tags      ", "Paths"])]
    rows = [_row(snapshot, compact=compact, sized=sized) for snapshot in snapshots]
    footer = ["Timestamps shown in local time", f"{len(snapshots)} snapshots"]
    return table([*heads, *(["Size"] if sized else [])], rows, footer)


def _row(snapshot: Snapshot, *, compact: bool, sized: bool) -> list[str]:
    tags = ("\n" if compact else ",").join(snapshot.tags)
    cells = [snapshot.short_id, local(snapshot.time), snapshot.hostname, tags]
    if not compact:
        cells.append("\n".join(snapshot.paths))
    if sized:
        total = (snapshot.summary or {}).get("total_bytes_processed")
        cells.append("" if total is None else size(int(total)))
    return cells
