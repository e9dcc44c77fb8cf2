"""`holdfast backup verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.backups.flags import located, of_documents
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.archive.errors import DamagedError
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup verify nightly
        $ holdfast backup verify -o json
    """
)
@click.argument("names", metavar="[BACKUP]...", nargs=-1)
@located
@of_documents
async def command(
    target: Target, names: tuple[str, ...], *, location: str, velero_namespace: str, output: str
) -> None:
    """Prove that backups are whole.

    Reads every item of the backups that are named, or of all: checksum of the archive, both copies of each
    item, the list of resources, the counts. Backups by Holdfast bear checksums of all items. Velero writes
    none, so that a change which was made by hand to both copies of an item of its backups cannot be seen.
    Volume contents are not looked at.
    """
    from holdfast.cli.backups import listing, locating, verified

    where = await locating.locate(target, location, velero_namespace)
    unreadable: list[DamagedError] = []
    chosen = [where.backup(name) for name in names] or listing.newest_first(where, unreadable.append)
    verified.show(chosen, unreadable, output=output)
