"""`holdfast group rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import SNAPSHOT_GROUPS
from holdfast.cli import options
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast group rollback postgres-backups --wait
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
@options.wait
@options.timeout(600, "Seconds to wait with --wait.")
@options.json_lines
async def command(target: Target, *, name: str, wait: bool, patience: float, as_json: bool) -> None:
    """Bring back the volume from before the last restore.

    Possible as long as the old volume is kept: 24 hours, or what --keep-old-volume-for said. Pods that use the claim
    have to be stopped. What was written since the restore goes with the restored volume.
    """
    from holdfast.cli.groups import steering

    await steering.rollback(target, name, patience=patience if wait else None, as_json=as_json)
