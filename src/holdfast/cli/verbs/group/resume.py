"""`holdfast group resume`."""

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
        $ holdfast group resume postgres-backups
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
async def command(target: Target, *, name: str) -> None:
    """Go on taking and retiring snapshots.

    Takes spec.suspend of the group back. One snapshot is taken at once if one is overdue.
    """
    from holdfast.cli.groups import steering

    await steering.suspend(target, name, paused=False)
