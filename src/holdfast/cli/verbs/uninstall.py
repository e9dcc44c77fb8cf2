"""`holdfast uninstall`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli import options
from holdfast.cli.commanding import verb

if TYPE_CHECKING:
    from holdfast.cli.options import Target


@verb(
    examples="""
        $ holdfast uninstall --dry-run
        $ holdfast uninstall --yes
    """
)
@options.velero_namespace
@options.dry_run
@options.yes
@options.json_lines
async def command(target: Target, *, velero_namespace: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove the operator; objects and their kinds stay.

    Snapshots, SnapshotGroups and VolumeRestores are not touched. A CustomResourceDefinition goes only when it has no
    objects and was not there before; a namespace only when install made it and nothing else lives in it. While a
    restore is under way nothing is removed. Velero's kinds always stay.
    """
    from holdfast.cli import installing

    await installing.uninstall(target, velero_namespace, dry_run=dry_run, yes=yes, as_json=as_json)
