"""`holdfast install`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        # What would be installed, to read or to keep in git
        $ holdfast install --dry-run -o yaml
        # What would change in this cluster
        $ holdfast install --dry-run
        $ holdfast install --image registry.example.com/holdfast:0.1.0
        # Do the work of the Velero in namespace velero from now on; and back
        holdfast install --take-over velero
        holdfast install --give-back velero
    """
)
@click.option(
    "--take-over",
    metavar="DEPLOYMENT",
    help="Then stop that Velero, in the namespace of Velero's objects: the operator does its work.",
)
@click.option("--give-back", metavar="DEPLOYMENT", help="Only start a Velero again that was taken over.")
@click.option(
    "--restores",
    is_flag=True,
    help="Let the operator carry out Restore objects: it gets all rights, since a backup may hold anything.",
)
@click.option("--image", help="Image of the operator, instead of the one of this version.")
@options.velero_namespace
@options.dry_run
@click.option(
    "-o", "--output", type=click.Choice(["yaml", "json"]), help="With --dry-run: print the objects."
)
@options.timeout(60, "Seconds to wait until the kinds are served.")
@options.json_lines
async def command(
    target: Target,
    *,
    take_over: str | None,
    give_back: str | None,
    restores: bool,
    image: str | None,
    velero_namespace: str,
    dry_run: bool,
    output: str | None,
    patience: float,
    as_json: bool,
) -> None:
    """Install or update the operator in the cluster.

    Objects are applied server-side: installing twice changes nothing. -n names the namespace of the operator,
    holdfast-system if it is not given. The SnapshotGroups of a Gemini stay as they are; their kind is taken over.
    Velero's kinds are installed where they are missing and never changed; what is printed has them, too: leave them
    out where a Velero is installed.
    """
    from holdfast.cli import installing

    settings = installing.settings(target, image, velero_namespace, restores=restores)
    if output and not dry_run:
        raise click.UsageError("-o prints the objects instead of applying them: add --dry-run.")
    if take_over and give_back:
        raise click.UsageError("Take over, or give back?")
    if give_back:
        await installing.give_back(target, velero_namespace, give_back, dry_run=dry_run)
    elif output:
        installing.show(settings, output)
    else:
        await installing.install(target, settings, dry_run=dry_run, patience=patience, as_json=as_json)
        if take_over:
            await installing.take_over(
                target, velero_namespace, take_over, dry_run=dry_run, patience=patience
            )
