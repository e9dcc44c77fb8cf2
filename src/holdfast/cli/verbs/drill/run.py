"""`holdfast drill run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import RESTORE_DRILLS
from holdfast.cli import options
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        # What would be tried, and what is in the way
        $ holdfast drill run postgres-restores --dry-run
        $ holdfast drill run postgres-restores --wait
    """
)
@click.argument("name", shell_complete=names(RESTORE_DRILLS))
@click.option("--dry-run", is_flag=True, help="Only look at what a run needs.")
@options.wait
@options.timeout(3600, "Seconds to wait with --wait; the run goes on after them.")
@options.json_lines
async def command(
    target: Target, *, name: str, dry_run: bool, wait: bool, patience: float, as_json: bool
) -> None:
    """Run a drill now.

    The operator restores a snapshot of the drill's group into a claim of its own, checks the data as the drill says,
    and removes everything again. A suspended drill runs, too. With --wait the exit code is 9 if nothing was proven.
    """
    from holdfast.cli.drills import running

    await running.run(target, name, dry_run=dry_run, wait=wait, patience=patience, as_json=as_json)
