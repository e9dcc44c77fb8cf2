"""`holdfast backup diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.backups.flags import located, of_documents, status
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup diff weekly nightly
        $ holdfast backup diff weekly nightly --kind deployment -n shop -o json
        $ holdfast backup diff nightly --live
    """
)
@click.argument("old", metavar="BACKUP")
@click.argument("new", metavar="[BACKUP]", required=False)
@click.option("--live", is_flag=True, help="Compare with the cluster as it is now.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times.")
@status
@located
@of_documents
async def command(
    target: Target,
    old: str,
    new: str | None,
    *,
    live: bool,
    kinds: tuple[str, ...],
    status: bool,
    location: str,
    velero_namespace: str,
    output: str,
) -> None:
    """Show what differs between two backups, or between a backup and the cluster.

    Field by field: + is only in the second, - only in the first, ~ in both and different. What servers write
    by themselves (uid, resourceVersion, managedFields and the like) is not compared, and status only with
    --status. With --live the cluster is looked at in the kinds and namespaces that the backup has.
    """
    from holdfast.cli.backups import comparing, locating
    from holdfast.cli.backups.choosing import choice

    wanted = choice(kinds, target.namespace)
    where = await locating.locate(target, location, velero_namespace)
    await comparing.run(target, where, (old, new), wanted, live=live, status=status, output=output)
