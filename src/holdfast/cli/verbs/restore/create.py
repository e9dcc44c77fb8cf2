"""`holdfast restore create`."""

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
        $ holdfast restore create --from-backup nightly --dry-run
        $ holdfast restore create shop-back --from-backup nightly --include-namespaces shop
        $ holdfast restore create --from-backup nightly --namespace-mappings shop:shop-copy -o json
    """
)
@click.argument("name", metavar="[RESTORE]", required=False)
@click.option("--from-backup", "backup", required=True, help="The backup to restore from.")
@wanted
@click.option(
    "--dry-run", is_flag=True, help="Change nothing; show what would happen, as `restore plan` does."
)
@located
@of_documents
async def command(
    target: Target,
    name: str | None,
    *,
    backup: str,
    dry_run: bool,
    location: str,
    velero_namespace: str,
    output: str,
    **flags: Unpack[RestoringFlags],
) -> None:
    """Put objects of a backup back into the cluster.

    Objects that exist are left as they are unless --existing-resource-policy or --on-conflict says otherwise;
    those that differ are named. Pods of workloads that come back are made by their controllers, and things that
    every cluster makes by itself are left out. A restore that was interrupted, or failed in part, goes on when
    the command is repeated with its name. The command does the work itself, with the rights of whoever types it.
    """
    from holdfast.cli.restores import doing, ordering

    order = ordering.order(name, backup, flags)
    await doing.run(target, order, location, velero_namespace, dry_run=dry_run, output=output)
