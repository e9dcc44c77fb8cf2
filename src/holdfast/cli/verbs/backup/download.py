"""`holdfast backup download`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.backups.flags import located
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ cd "$(mktemp -d)" && holdfast backup download nightly && tar -tzf nightly-data.tar.gz
        holdfast backup download nightly -o nightly.tar.gz --force
    """
)
@click.argument("name", metavar="BACKUP")
@located
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write; BACKUP-data.tar.gz if not given."
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
async def command(
    target: Target, name: str, *, location: str, velero_namespace: str, output: Path | None, force: bool
) -> None:
    """Fetch the tarball of a backup.

    Read from the location itself: neither the operator nor a Velero has to run. The file appears when it is whole.
    """
    from holdfast.cli.backups import fetching, locating

    where = await locating.locate(target, location, velero_namespace)
    fetching.download(where.backup(name), output or Path(f"{name}-data.tar.gz"), force=force)
