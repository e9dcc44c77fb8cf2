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
    """
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

    settings = installing.settings(target, image, velero_namespace)
    if output and not dry_run:
        raise click.UsageError("-o prints the objects instead of applying them: add --dry-run.")
    if output:
        installing.show(settings, output)
    else:
        await installing.install(target, settings, dry_run=dry_run, patience=patience, as_json=as_json)
