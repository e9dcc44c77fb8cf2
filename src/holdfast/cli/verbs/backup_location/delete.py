"""`holdfast backup-location delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb
from holdfast.cli.errors import MisusedError

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup-location delete archive --confirm
    """
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="All locations.")
@click.option("-l", "--selector", default="", help="All locations with these labels: team=blue.")
@options.velero_namespace
@click.option("-y", "--yes", "--confirm", "yes", is_flag=True, help="Do not ask.")
async def command(
    target: Target,
    names: tuple[str, ...],
    *,
    everything: bool,
    selector: str,
    velero_namespace: str,
    yes: bool,
) -> None:
    """Take locations of backups out of the cluster.

    The objects of their backups go, too; what lies in the store stays. A location that is made again brings its
    backups in again.
    """
    from holdfast.cli.locations import making

    if sum(map(bool, (names, everything, selector))) != 1:
        raise MisusedError("Which locations?", remedy="Give names, or --selector, or --all.")
    await making.delete(target, velero_namespace, names, selector=selector, yes=yes)
