"""`holdfast repo diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        # By their ids, as `holdfast repo snapshots` shows them
        holdfast repo diff 5845b002 2ab627a6
        holdfast repo diff 5845b002:/etc latest:/etc --metadata
    """
)
@click.argument("ids", nargs=-1, metavar="SNAPSHOT[:FOLDER] SNAPSHOT[:FOLDER]")
@click.option("--metadata", is_flag=True, help="Changes of metadata alone, too.")
def command(settings: Settings, *, ids: tuple[str, ...], metadata: bool) -> None:
    """Show what changed between two snapshots.

    + added, - removed, M contents changed, U metadata changed, T type changed, ? equal contents in other blobs.
    """
    from holdfast.cli.repo.compared import compare

    compare(settings, ids, metadata=metadata)
