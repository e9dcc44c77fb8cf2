"""`holdfast backup logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.backups.flags import located
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup logs nightly
        holdfast backup logs nightly | grep level=error
    """
)
@click.argument("name", metavar="BACKUP")
@located
async def command(target: Target, name: str, *, location: str, velero_namespace: str) -> None:
    """Print what was said while a backup was made.

    Read from the location itself: neither the operator nor a Velero has to run.
    """
    from holdfast.cli.backups import fetching, locating

    where = await locating.locate(target, location, velero_namespace)
    fetching.log(where.backup(name))
