"""`holdfast group cancel`."""

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
        holdfast group cancel postgres-backups --wait
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
@options.wait
@options.timeout(600, "Seconds to wait with --wait.")
@options.json_lines
async def command(target: Target, *, name: str, wait: bool, patience: float, as_json: bool) -> None:
    """Stop the running restore of a group's claim.

    Possible until the claim is deleted; then everything is as it was before. From there on, use rollback.
    """
    from holdfast.cli.groups import steering

    await steering.cancel(target, name, patience=patience if wait else None, as_json=as_json)
