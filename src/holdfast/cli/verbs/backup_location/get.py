"""`holdfast backup-location get`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup-location get
        $ holdfast backup-location get --default -o json
        # why can it not be used?
        $ holdfast backup-location get -o wide
    """
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-l", "--selector", default="", help="Only locations with these labels: team=blue.")
@click.option("--default", is_flag=True, help="Only the default location.")
@options.velero_namespace
@options.output
async def command(
    target: Target,
    names: tuple[str, ...],
    *,
    selector: str,
    default: bool,
    velero_namespace: str,
    output: str,
) -> None:
    """List locations of backups, and whether they can be used.

    The operator, or Velero, says that in PHASE; -o wide says why.
    """
    from holdfast.cli.locations import listing

    await listing.show(target, velero_namespace, names, selector=selector, default=default, output=output)
