"""`holdfast backup cat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.backups.flags import located
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup cat nightly deployment/web -n shop
        $ holdfast backup cat nightly deployment/web -n shop -o json
    """
)
@click.argument("name", metavar="BACKUP")
@click.argument("reference", metavar="KIND/NAME")
@located
@click.option(
    "-o", "--output", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True, help="Form."
)
async def command(
    target: Target, name: str, reference: str, *, location: str, velero_namespace: str, output: str
) -> None:
    """Print an object as it was saved.

    Without -n, objects of that name in all namespaces, one document each. Values of Secrets are printed as
    they are saved: in base64.
    """
    from holdfast.cli.backups import items, locating
    from holdfast.cli.backups.choosing import one

    wanted = one(reference, target.namespace)
    where = await locating.locate(target, location, velero_namespace)
    items.cat(where.backup(name), wanted, reference=reference, output=output)
