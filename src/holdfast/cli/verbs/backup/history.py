"""`holdfast backup history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.backups.flags import located, of_documents, status
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup history configmap/app -n shop
        $ holdfast backup history deployment/web -n shop -o json
    """
)
@click.argument("reference", metavar="KIND/NAME")
@status
@located
@of_documents
async def command(
    target: Target, reference: str, *, status: bool, location: str, velero_namespace: str, output: str
) -> None:
    """Show how an object changed from backup to backup.

    The oldest backup first: when it was there for the first time, which fields changed, when it was gone.
    """
    from holdfast.cli.backups import evolving, listing, locating
    from holdfast.cli.backups.choosing import one

    wanted = one(reference, target.namespace)
    where = await locating.locate(target, location, velero_namespace)
    oldest_first = reversed(listing.newest_first(where))
    evolving.show(oldest_first, wanted, reference=reference, output=output, status=status)
