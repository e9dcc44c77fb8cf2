"""`holdfast snapshot take`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.api.resource import CLAIMS
from holdfast.cli import options
from holdfast.cli.commanding import verb
from holdfast.cli.completing import names

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast snapshot take data
        # Before an upgrade: under a name of its own, and only go on when it can be restored from
        $ holdfast snapshot take data --name before-upgrade --wait
    """
)
@click.argument("claim", shell_complete=names(CLAIMS))
@click.option("--name", help="Name of the snapshot; the claim's with the time if it is not given.")
@click.option(
    "--class", "class_name", help="VolumeSnapshotClass, instead of the default of the claim's driver."
)
@options.wait
@options.timeout(600, "Seconds to wait with --wait.")
@options.json_lines
async def command(
    target: Target,
    *,
    claim: str,
    name: str | None,
    class_name: str | None,
    wait: bool,
    patience: float,
    as_json: bool,
) -> None:
    """Take a snapshot of a claim."""
    from holdfast.cli.plain import taking

    until = patience if wait else None
    await taking.take(target, claim, name=name, class_name=class_name, patience=until, as_json=as_json)
