"""`holdfast backup find`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.backups.flags import located, selector
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup find --kind Secret --name 'db-*'
        $ holdfast backup find nightly weekly --kind ConfigMap -n shop -l app=web
        $ holdfast backup find --name web -o json
    """
)
@click.argument("names", metavar="[BACKUP]...", nargs=-1)
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times.")
@click.option("--name", "pattern", default="*", help="Only names of this pattern (* and ?).")
@selector
@located
@options.output
async def command(
    target: Target,
    names: tuple[str, ...],
    *,
    kinds: tuple[str, ...],
    pattern: str,
    selector: str,
    location: str,
    velero_namespace: str,
    output: str,
) -> None:
    """Find objects in backups.

    In all backups of the location, the newest first, or in those that are named.
    """
    from holdfast.cli.backups import items, listing, locating
    from holdfast.cli.backups.choosing import choice

    wanted = choice(kinds, target.namespace, pattern, selector)
    where = await locating.locate(target, location, velero_namespace)
    chosen = [where.backup(name) for name in names] or listing.newest_first(where)
    items.find(chosen, wanted, output=output, location=where)
