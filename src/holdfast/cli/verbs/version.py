"""`holdfast version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast version
        $ holdfast version --client
        $ holdfast version -o json
    """
)
@click.option("--client", "client_only", is_flag=True, help="Only of this program; asks no cluster.")
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True
)
async def command(target: Target, *, client_only: bool, output: str) -> None:
    """Print the versions of client, server and operator.

    A cluster that cannot be reached is named as such; that is no failure. The version of the operator is the tag
    of the image that runs in the cluster.
    """
    from holdfast.cli import versions

    versions.show({"client": versions.own()} if client_only else await versions.gather(target), output)
