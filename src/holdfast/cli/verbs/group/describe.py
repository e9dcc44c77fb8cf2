"""`holdfast group describe`."""

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
        $ holdfast group describe postgres-backups
        $ holdfast group describe postgres-backups -o json
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True
)
async def command(target: Target, *, name: str, output: str) -> None:
    """Show one group: tiers, snapshots, restores."""
    from holdfast.cli.groups import describing

    await describing.describe(target, name, output=output)
