"""`holdfast repo snapshots`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.selecting import snapshot_filter
from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo snapshots
        $ holdfast repo snapshots --tag nightly --latest 1
        $ holdfast repo snapshots --json
    """
)
@click.argument("ids", nargs=-1, metavar="[SNAPSHOT] ...")
@click.option("-c", "--compact", is_flag=True, help="One line a snapshot.")
@click.option("-g", "--group-by", default="", help="Groups by host, paths and tags, with commas between.")
@click.option("--latest", type=click.IntRange(min=0), default=0, help="Only so many of each host and paths.")
@snapshot_filter
def command(
    settings: Settings,
    *,
    ids: tuple[str, ...],
    compact: bool,
    group_by: str,
    latest: int,
    hosts: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
) -> None:
    """List snapshots."""
    from holdfast.cli.repo.listed import Wanted, show
    from holdfast.cli.repo.selecting import selection

    show(settings, Wanted(ids, compact, group_by, latest), selection(settings, hosts, tags, paths))
