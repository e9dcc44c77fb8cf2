"""`holdfast repo ls`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.repo.selecting import snapshot_filter
from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.entries import LsFlags
    from holdfast.cli.repo.settings import Settings

SORTS = ("name", "size", "time", "mtime", "atime", "ctime", "extension")


@repo_verb(
    examples="""
        $ holdfast repo ls latest
        $ holdfast repo ls -l latest --sort size
        # For `ncdu -f -`
        $ holdfast repo ls latest --ncdu
    """
)
@click.argument("args", nargs=-1, metavar="SNAPSHOT[:FOLDER] [FOLDER] ...")
@click.option("-l", "--long", is_flag=True, help="Modes, owners, sizes and times, too.")
@click.option("--recursive", is_flag=True, help="Everything below the named folders.")
@click.option("--human-readable", is_flag=True, help="Sizes as KiB, MiB, GiB.")
@click.option("--ncdu", is_flag=True, help="As ncdu reads it.")
@click.option("-s", "--sort", type=click.Choice(SORTS), default="name", show_default=True, help="Order.")
@click.option("--reverse", is_flag=True, help="The other way round.")
@snapshot_filter
def command(
    settings: Settings,
    *,
    hosts: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
    **flags: Unpack[LsFlags],
) -> None:
    """List what is in a snapshot."""
    from holdfast.cli.repo.entries import show
    from holdfast.cli.repo.selecting import selection

    show(settings, flags, selection(settings, hosts, tags, paths))
