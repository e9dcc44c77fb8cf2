"""`holdfast restore plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.backups.flags import located, of_documents
from holdfast.cli.commanding import verb
from holdfast.cli.restores.flags import wanted

if TYPE_CHECKING:
    from holdfast.cli.options import Target
    from holdfast.cli.restores.flags import RestoringFlags


@verb(
    examples="""
        $ holdfast restore plan nightly
        $ holdfast restore plan nightly --include-resources configmaps,secrets --existing-resource-policy update
        $ holdfast restore plan nightly --namespace-mappings shop:shop-copy -o json
    """
)
@click.argument("backup", metavar="BACKUP")
@wanted
@located
@of_documents
async def command(
    target: Target,
    backup: str,
    *,
    location: str,
    velero_namespace: str,
    output: str,
    **flags: Unpack[RestoringFlags],
) -> None:
    """Show what restoring a backup would create, change, leave and fail at.

    Nothing is changed. The API server checks each object, with its admission, as if it were made. What it
    cannot check, because a namespace or a definition is not there yet, is marked `unchecked`.
    + would be created, ~ changed, = is there already, ! would fail.
    """
    from holdfast.cli.restores import doing, ordering

    order = ordering.order(None, backup, flags)
    await doing.run(target, order, location, velero_namespace, dry_run=True, output=output)
