"""`holdfast backup-location set`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@verb(
    examples="""
        $ holdfast backup-location set archive --default
        $ holdfast backup-location set archive --credential other-credentials=cloud
    """
)
@click.argument("name")
@click.option("--default/--no-default", default=None, help="Make it the default location, or not.")
@click.option("--credential", default="", metavar="SECRET=KEY", help="Secret with the keys of the store.")
@click.option("--cacert", type=_FILE, help="File with the certificates that the store's is checked with.")
@options.velero_namespace
async def command(
    target: Target,
    name: str,
    *,
    default: bool | None,
    credential: str,
    cacert: Path | None,
    velero_namespace: str,
) -> None:
    """Change a location of backups."""
    from holdfast.cli.locations import making

    await making.change(target, velero_namespace, name, default=default, credential=credential, cacert=cacert)
