"""`holdfast backup ls`."""

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
        $ holdfast backup ls nightly
        $ holdfast backup ls nightly -n shop
        $ holdfast backup ls nightly deployments secrets -l app=web -o name
    """
)
@click.argument("name", metavar="BACKUP")
@click.argument("kinds", metavar="[KIND]...", nargs=-1)
@selector
@located
@options.output
async def command(
    target: Target,
    name: str,
    kinds: tuple[str, ...],
    *,
    selector: str,
    location: str,
    velero_namespace: str,
    output: str,
) -> None:
    """List what is in a backup.

    All items, or those of some KINDs (deployment, deployments, deploy and deployments.apps are the same), of
    a namespace with -n, and with labels.
    """
    from holdfast.cli.backups import items, locating
    from holdfast.cli.backups.choosing import choice

    wanted = choice(kinds, target.namespace, selector=selector)
    where = await locating.locate(target, location, velero_namespace)
    items.ls(where.backup(name), wanted, output=output)
