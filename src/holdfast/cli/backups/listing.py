"""The table of backups in a location."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api import keys
from holdfast.api.velero import VELERO_BACKUPS
from holdfast.cli import times
from holdfast.cli.listings import Column, show_objects, show_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from holdfast.api.velero import Backup
    from holdfast.archive.errors import DamagedError
    from holdfast.archive.locations import BackupLocation, SavedBackup

_COLOURS = {"Completed": "green", "PartiallyFailed": "yellow", "Failed": "red", "FailedValidation": "red"}


def _warn(error: DamagedError) -> None:
    click.echo(f"Warning: {error}", err=True)


def show(location: BackupLocation, *, output: str) -> None:
    """List the backups, the newest first."""
    found = newest_first(location)
    if output not in {"table", "wide"}:
        show_objects([backup.document for backup in found], output, VELERO_BACKUPS)
        return
    rows = [backup.view for backup in found]
    show_rows(rows, _columns(times.now()), wide=output == "wide", empty=f"No backups in {location.address}.")


def newest_first(
    location: BackupLocation, damaged: Callable[[DamagedError], None] = _warn
) -> list[SavedBackup]:
    """All backups by when they began; those that do not say so come last.

    Args:
        location: where they are.
        damaged: told of those that cannot be read; by default whoever looks is.
    """
    return sorted(
        location.backups(damaged),
        key=lambda b: (b.view.taken is not None, b.view.taken, b.name),
        reverse=True,
    )


def _columns(now: datetime) -> tuple[Column[Backup], ...]:
    return (
        Column("NAME", lambda b: b.name),
        Column("STATUS", lambda b: b.status.phase, colour=_COLOURS.get),
        Column("ERRORS", lambda b: str(b.status.errors)),
        Column("WARNINGS", lambda b: str(b.status.warnings)),
        Column("CREATED", lambda b: f"{times.age(b.taken, now)} ago" if b.taken else ""),
        Column("EXPIRES", lambda b: times.until(b.status.expiration, now)),
        Column("ITEMS", lambda b: str(b.status.progress.items_backed_up) if b.status.progress else ""),
        Column("SCHEDULE", lambda b: b.metadata.labels.get(keys.VELERO_SCHEDULE, ""), wide=True),
    )
