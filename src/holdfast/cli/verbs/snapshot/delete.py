"""`holdfast snapshot delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import SNAPSHOTS
from holdfast.cli import options
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast snapshot delete before-upgrade --dry-run
        $ holdfast snapshot delete before-upgrade --yes
    """
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=names(SNAPSHOTS))
@options.dry_run
@options.yes
async def command(target: Target, *, names: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Delete snapshots that nothing holds.

    All or none: if one does not exist, is held, or is needed by a restore or by a claim that is being made from it,
    none is deleted.
    """
    from holdfast.cli.plain import deleting

    await deleting.delete(target, names, dry_run=dry_run, yes=yes)
