"""`holdfast repo stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.selecting import snapshot_filter
from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.counted import Mode
    from holdfast.cli.repo.settings import Settings

MODES = ("restore-size", "files-by-contents", "blobs-per-file", "raw-data")


@repo_verb(
    examples="""
        $ holdfast repo stats
        # What it takes in the repository
        $ holdfast repo stats latest --mode raw-data
    """
)
@click.argument("ids", nargs=-1, metavar="[SNAPSHOT] ...")
@click.option(
    "--mode", type=click.Choice(MODES), default="restore-size", show_default=True, help="What counts."
)
@snapshot_filter
def command(
    settings: Settings,
    *,
    ids: tuple[str, ...],
    mode: Mode,
    hosts: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
) -> None:
    """Count sizes and files."""
    from holdfast.cli.repo.counted import count
    from holdfast.cli.repo.selecting import selection

    count(settings, ids, mode, selection(settings, hosts, tags, paths))
