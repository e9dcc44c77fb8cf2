"""`holdfast group plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.api.resource import SNAPSHOT_GROUPS
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast group plan postgres-backups
        $ holdfast group plan postgres-backups --count 20
        # What a change would delete, before it is applied
        holdfast group plan postgres-backups --file changed.yaml
    """
)
@click.argument("name", shell_complete=names(SNAPSHOT_GROUPS))
@click.option(
    "-f",
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Plan with the spec of the SnapshotGroup of this name in a YAML file.",
)
@click.option(
    "--count", type=click.IntRange(1, 1000), default=5, show_default=True, help="Coming snapshots to plan."
)
@click.option(
    "-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True
)
async def command(target: Target, *, name: str, file: Path | None, count: int, output: str) -> None:
    """Show what will be taken and deleted next, and why.

    The plan comes from the decisions that the operator makes, and supposes that every snapshot gets ready. What is
    deleted is named with the rule that says so. Below stands what a restore would scale down now, in which order, and
    who would be in its way.
    """
    from holdfast.cli.groups import planning

    await planning.plan(target, name, file=file, count=count, output=output)
