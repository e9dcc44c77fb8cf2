"""`holdfast group list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast group list
        $ holdfast group list -A -o wide
        $ holdfast group list -o name
    """
)
@options.all_namespaces
@options.output
async def command(target: Target, *, all_namespaces: bool, output: str) -> None:
    """List groups and whether their data is safe.

    STATUS is Safe when the newest snapshot is as young as the schedule wants; otherwise it is the reason in a word,
    such as Late, Failing, Paused, Restoring, ClaimMissing, GeminiLive or Unconfirmed (the operator has said nothing
    since a snapshot was due), and a line below says what to do. READY counts the snapshots of the schedule that can
    be restored from; NEXT is when the next one is due.
    """
    from holdfast.cli.groups import listing

    await listing.show(target, all_namespaces=all_namespaces, output=output)
