"""`holdfast backup delete`."""

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
        holdfast backup delete nightly --confirm --wait
        holdfast backup delete --selector team=blue
    """
)
@click.argument("names", nargs=-1, metavar="[BACKUP]...")
@click.option("--all", "everything", is_flag=True, help="All backups.")
@click.option("-l", "--selector", default="", help="All backups with these labels: team=blue.")
@options.velero_namespace
@click.option("-y", "--yes", "--confirm", "yes", is_flag=True, help="Do not ask.")
@options.wait
@options.timeout(600, "With --wait: seconds.")
async def command(
    target: Target,
    names: tuple[str, ...],
    *,
    everything: bool,
    selector: str,
    velero_namespace: str,
    yes: bool,
    wait: bool,
    patience: float,
) -> None:
    """Delete backups with all that belongs to them.

    The files in the location, those of restores from them, and the objects: the operator, or a Velero, does it on
    request. With --wait the exit code tells whether it was done, and the message why not.
    """
    from holdfast.cli.backups import deleting

    if sum(map(bool, (names, everything, selector))) != 1:
        raise MisusedError("Which backups?", remedy="Give names, or --selector, or --all.")
    requests = await deleting.ask(target, velero_namespace, names, selector=selector, yes=yes)
    if wait:
        await deleting.followed(target, velero_namespace, requests, patience=patience)
