"""What is in one backup: as a table, or an object itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from holdfast.cli.errors import MissingError
from holdfast.cli.listings import Column, show_document, show_rows

if TYPE_CHECKING:
    from holdfast.archive.locations import BackupLocation, SavedBackup
    from holdfast.archive.paths import ItemKey
    from holdfast.cli.backups.choosing import Choice


@dataclass(frozen=True, slots=True)
class _Row:
    key: ItemKey
    size: int


_COLUMNS: tuple[Column[_Row], ...] = (
    Column("RESOURCE", lambda row: row.key.resource),
    Column("NAMESPACE", lambda row: row.key.namespace),
    Column("NAME", lambda row: row.key.name),
    Column("SIZE", lambda row: f"{row.size:,}", wide=True),
)


def ls(backup: SavedBackup, wanted: Choice, *, output: str) -> None:
    """List items, by kind, namespace and name."""
    rows = sorted((_Row(e.place.key, len(e.body)) for e in wanted.of(backup.items())), key=lambda r: r.key)
    match output:
        case "name":
            for row in rows:
                click.echo(named(row.key))
        case "json" | "yaml":
            show_document([listed(row.key) | {"size": row.size} for row in rows], output)
        case _:
            show_rows(rows, _COLUMNS, wide=output == "wide", empty=f"Backup {backup.name} has no such items.")


def cat(backup: SavedBackup, wanted: Choice, *, reference: str, output: str) -> None:
    """Print an object as it was saved; several of that name (of other namespaces, of other groups) as documents.

    Raises:
        MissingError: the backup has none.
    """
    found = [entry.document() for entry in wanted.of(backup.items())]
    if not found:
        raise MissingError(
            f"Backup {backup.name} has no {reference}",
            remedy=f"`holdfast backup ls {backup.name}` lists what it has; `holdfast backup find` looks in all.",
        )
    for number, each in enumerate(found):
        if number and output == "yaml":
            click.echo("---")
        show_document(each, output)


def find(backups: list[SavedBackup], wanted: Choice, *, output: str, location: BackupLocation) -> None:
    """List which backups have which items."""
    hits = [(backup, entry.place.key) for backup in backups for entry in wanted.of(backup.items())]
    match output:
        case "name":
            for backup, key in hits:
                click.echo(f"{backup.name}:{named(key)}")
        case "json" | "yaml":
            show_document([{"backup": backup.name} | listed(key) for backup, key in hits], output)
        case _:
            show_rows(hits, _HITS, empty=f"No backup in {location.address} has such items.")


_HITS: tuple[Column[tuple[SavedBackup, ItemKey]], ...] = (
    Column("BACKUP", lambda hit: hit[0].name),
    Column("STARTED", lambda hit: f"{hit[0].view.taken:%Y-%m-%d %H:%M:%S}" if hit[0].view.taken else ""),
    Column("RESOURCE", lambda hit: hit[1].resource),
    Column("NAMESPACE", lambda hit: hit[1].namespace),
    Column("NAME", lambda hit: hit[1].name),
)


def named(key: ItemKey) -> str:
    """As one word: `deployments.apps/web`, with the namespace in front where there is one."""
    return f"{key.namespace}/{key.resource}/{key.name}" if key.namespace else f"{key.resource}/{key.name}"


def listed(key: ItemKey) -> dict[str, str]:
    """As a document."""
    return {"resource": key.resource, "namespace": key.namespace, "name": key.name}
