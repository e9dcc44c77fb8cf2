"""`holdfast drill describe`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import RESTORE_DRILLS
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast drill describe postgres-restores
        $ holdfast drill describe postgres-restores -o json
    """
)
@click.argument("name", shell_complete=names(RESTORE_DRILLS))
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True
)
async def command(target: Target, *, name: str, output: str) -> None:
    """Show one drill: what it proved, and the results of its runs."""
    from holdfast.cli.drills import describing

    await describing.describe(target, name, output=output)
