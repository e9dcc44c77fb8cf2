"""`holdfast backup-location create`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.locations.making import LocationFlags
    from holdfast.cli.options import Target

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@verb(
    examples="""
        # the Secret has a file as AWS's tools keep it, below its key `cloud`
        $ holdfast backup-location create archive --provider aws --bucket backups --credential credentials=cloud
        $ holdfast backup-location create folder --provider file --bucket /backups -o yaml
    """
)
@click.argument("name")
@click.option("--provider", required=True, help="aws, for every store that speaks S3, or file.")
@click.option("--bucket", required=True, help="Name of the bucket; for file, the path of a folder.")
@click.option("--prefix", default="", help="Folder in it below which everything is.")
@click.option("--config", multiple=True, help="Keys of Velero's AWS plugin: region=…,s3Url=….")
@click.option("--credential", default="", metavar="SECRET=KEY", help="Secret with the keys of the store.")
@click.option("--cacert", type=_FILE, help="File with the certificates that the store's is checked with.")
@click.option("--default", is_flag=True, help="Make it the default location.")
@click.option(
    "--access-mode", type=click.Choice(["ReadWrite", "ReadOnly"]), default="ReadWrite", show_default=True
)
@click.option(
    "--backup-sync-period", default="", metavar="1m0s", help="How often backups come in; 0s: never."
)
@click.option("--validation-frequency", default="", metavar="1m0s", help="How often it is looked at.")
@click.option("--labels", multiple=True, help="Labels of the object: team=blue,tier=1.")
@options.velero_namespace
@click.option("-o", "--output", type=click.Choice(["yaml", "json"]), help="Print the object; make nothing.")
async def command(
    target: Target, name: str, *, velero_namespace: str, output: str | None, **wanted: Unpack[LocationFlags]
) -> None:
    """Make a location of backups.

    With the flags of `velero backup-location create`. Another default location is none any more when this one is.
    """
    from holdfast.cli.locations import making

    await making.create(target, velero_namespace, name, wanted, output=output)
