"""`holdfast backup get`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli import options
from holdfast.cli.backups.flags import located
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast backup get
        $ holdfast backup get -o json
        # without a cluster: holdfast backup get --location s3://backups/cluster-1
    """
)
@located
@options.output
async def command(target: Target, *, location: str, velero_namespace: str, output: str) -> None:
    """List the backups of a location.

    Those of Velero as well as our own: what lies in the location, whether or not a cluster knows of it.
    CREATED is when the backup began.
    """
    from holdfast.cli.backups import listing, locating

    listing.show(await locating.locate(target, location, velero_namespace), output=output)
