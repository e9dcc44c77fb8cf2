"""`holdfast backup create`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.backups.filtering import filters
from holdfast.cli.backups.flags import located, of_documents
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.backups.filtering import FilterFlags
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup create shop-before-upgrade --include-namespaces shop
        $ holdfast backup create web-only --include-namespaces shop -l app=web --ttl 24h -o json
    """
)
@click.argument("name", metavar="BACKUP")
@filters
@click.option(
    "--ttl", default="720h", show_default=True, help="When it may be deleted, from now: 24h, 90m, 720h0m0s."
)
@click.option("--labels", multiple=True, help="Labels of the Backup object: team=blue,tier=1.")
@click.option("--annotations", multiple=True, help="Annotations of the Backup object: owner=ops.")
@located
@of_documents
async def command(
    target: Target,
    name: str,
    *,
    ttl: str,
    labels: tuple[str, ...],
    annotations: tuple[str, ...],
    location: str,
    velero_namespace: str,
    output: str,
    **wanted: Unpack[FilterFlags],
) -> None:
    """Save the objects of namespaces in a location.

    In Velero's format: a Velero that has this location finds the backup and restores it. The command does the
    work itself, with the rights of whoever types it, so it needs neither operator nor Velero. Contents of
    volumes are not saved; their claims are listed as skipped. Secrets stand in the backup as they stand in
    the cluster, not encrypted.
    """
    from holdfast.cli.backups import creating

    asked = creating.Asked(name, ttl, labels, annotations, wanted)
    await creating.create(target, asked, location, velero_namespace, output=output)
