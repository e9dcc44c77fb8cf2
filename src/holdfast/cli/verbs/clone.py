"""`holdfast clone`."""

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
        $ holdfast clone data data-copy --wait
        # What the data was like at an earlier time, in a larger volume
        $ holdfast clone data data-old --from-snapshot before-upgrade --size 2Gi
        # Copied by the driver, without a snapshot
        $ holdfast clone data data-direct --direct
    """
)
@click.argument("claim", shell_complete=names(CLAIMS))
@click.argument("new")
@click.option("--from-snapshot", help="An existing snapshot, instead of one that is taken now.")
@click.option("--direct", is_flag=True, help="Let the driver copy the volume; not every driver can.")
@click.option("--class", "class_name", help="VolumeSnapshotClass of the snapshot that is taken.")
@click.option(
    "--size", help="Size of the new claim, such as 20Gi; as large as the old one if it is not given."
)
@options.wait
@options.timeout(600, "Seconds to wait for the snapshot, and with --wait for the new claim.")
@options.json_lines
async def command(
    target: Target,
    *,
    claim: str,
    new: str,
    from_snapshot: str | None,
    direct: bool,
    class_name: str | None,
    size: str | None,
    wait: bool,
    patience: float,
    as_json: bool,
) -> None:
    """Make a second claim with the data of a claim.

    The data goes through a snapshot: one that is taken now and removed with the new claim, or --from-snapshot. The
    new claim has the access modes, the volume mode and the storage class of the old one, but not its labels.
    """
    from holdfast.cli.plain import cloning

    if direct and (from_snapshot or class_name):
        raise click.UsageError("--direct uses no snapshot: leave --from-snapshot and --class out.")
    order = cloning.Order(claim, new, from_snapshot, direct=direct, class_name=class_name, size=size)
    await cloning.clone(target, order, wait=wait, patience=patience, as_json=as_json)
