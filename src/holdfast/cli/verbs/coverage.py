"""`holdfast coverage`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast coverage
        $ holdfast coverage --uncovered -o json
        $ holdfast coverage -n shop
    """
)
@click.option("--uncovered", is_flag=True, help="Only claims that are not safe.")
@options.output
async def command(target: Target, *, uncovered: bool, output: str) -> None:
    """List claims with their newest snapshot, or why there is none.

    Claims of all namespaces, or of one with -n. STATUS is that of the claim's SnapshotGroup: Safe when its newest
    snapshot is as young as the schedule wants. Claims without a group are NoSchedule, OptedOut (by label),
    NotBound or NoClass (nothing can take snapshots of such a volume). NEWEST READY counts every ready snapshot, also
    those that somebody took by hand; PROVEN is when a drill last proved that the claim's group restores.
    """
    from holdfast.cli import covered

    await covered.show(target, uncovered=uncovered, output=output)
