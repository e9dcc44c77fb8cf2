"""`holdfast snapshot list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast snapshot list
        $ holdfast snapshot list -A -o wide
        $ holdfast snapshot list -o json
    """
)
@options.all_namespaces
@options.output
async def command(target: Target, *, all_namespaces: bool, output: str) -> None:
    """List snapshots.

    READY tells whether a snapshot can be restored from: yes, no (not yet), failing (the driver has an error, see
    -o wide) or leaving (it is being deleted).
    """
    from holdfast.cli.plain import listing

    await listing.show(target, all_namespaces=all_namespaces, output=output)
