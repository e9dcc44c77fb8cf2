"""`holdfast group pause`."""

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
        $ holdfast group pause postgres-backups
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
async def command(target: Target, *, name: str) -> None:
    """Stop taking and retiring snapshots.

    Sets spec.suspend of the group. Restores work meanwhile.
    """
    from holdfast.cli.groups import steering

    await steering.suspend(target, name, paused=True)
