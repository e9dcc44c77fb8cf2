"""`holdfast drill list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast drill list
        $ holdfast drill list -A -o wide
        $ holdfast drill list -o json
    """
)
@options.all_namespaces
@options.output
async def command(target: Target, *, all_namespaces: bool, output: str) -> None:
    """List drills, and when each was last proven to restore.

    STATUS is Proven or Failed after the last run, Overdue when the last proof is older than the schedule promises,
    the phase of a run that is under way (Restoring, Checking, Cleaning), Unreadable, GroupMissing or GroupOfSeveral
    where nothing can run, and New before the first run.
    """
    from holdfast.cli.drills import listing

    await listing.show(target, all_namespaces=all_namespaces, output=output)
