"""Files of a backup brought here."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from holdfast.cli.errors import ChangedError

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast.archive.locations import SavedBackup


def log(backup: SavedBackup) -> None:
    """Print what the run said."""
    shutil.copyfileobj(backup.log(), sys.stdout.buffer)


def download(backup: SavedBackup, file: Path, *, force: bool) -> None:
    """Write the tarball to a file, which is there only when it is whole.

    Raises:
        ChangedError: the file is there already.
    """
    if file.exists() and not force:
        raise ChangedError(f"{file} is there already", remedy="Name another file with -o, or say --force.")
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as output:
            output.writelines(backup.contents())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"Backup {backup.name} is in {file}.")
