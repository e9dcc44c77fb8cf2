"""`holdfast group adopt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import SNAPSHOT_GROUPS
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast group adopt postgres-backups
        $ holdfast group adopt postgres-backups --take-ownership
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
@click.option(
    "--take-ownership", is_flag=True, help="End Gemini's ownership of fields; the fields stay as they are."
)
async def command(target: Target, *, name: str, take_ownership: bool) -> None:
    """Take a group over from Gemini.

    Shows what Holdfast finds of Gemini's and what it will take and delete. Nothing has to be changed for Holdfast to
    work on a group: it begins 90 seconds after the last sign of a live Gemini.
    """
    from holdfast.cli.groups import adopting

    await adopting.adopt(target, name, take_ownership=take_ownership)
