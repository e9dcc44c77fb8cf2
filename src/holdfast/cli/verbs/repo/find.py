"""`holdfast repo find`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.repo.selecting import snapshot_filter
from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.found import FindFlags
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo find '*.txt'
        $ holdfast repo find -l --newest 2030-01-01 notes.txt
        # What uses a blob, a tree or a pack
        holdfast repo find --blob 420f620f --show-pack-id
    """
)
@click.argument("patterns", nargs=-1, metavar="PATTERN ...")
@click.option("-O", "--oldest", metavar="TIME", help="Modified then or later, as 2026-11-21 10:00.")
@click.option("-N", "--newest", metavar="TIME", help="Modified then or earlier.")
@click.option("-s", "--snapshot", "ids", multiple=True, metavar="ID", help="Only in this snapshot.")
@click.option("--blob", is_flag=True, help="Patterns are ids of blobs.")
@click.option("--tree", is_flag=True, help="Patterns are ids of trees.")
@click.option("--pack", is_flag=True, help="Patterns are ids of packs.")
@click.option("--show-pack-id", is_flag=True, help="Packs that hold what is found.")
@click.option("-i", "--ignore-case", is_flag=True, help="Upper and lower case alike.")
@click.option("-R", "--reverse", is_flag=True, help="Old snapshots first.")
@click.option("-l", "--long", is_flag=True, help="Modes, owners, sizes and times, too.")
@click.option("--human-readable", is_flag=True, help="Sizes as KiB, MiB, GiB.")
@snapshot_filter
def command(
    settings: Settings,
    *,
    hosts: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
    **flags: Unpack[FindFlags],
) -> None:
    """Find files, folders, blobs, trees and packs.

    Files and folders by their name, or by their path when the pattern has a slash.
    """
    from holdfast.cli.repo.found import find
    from holdfast.cli.repo.selecting import selection

    find(settings, flags, selection(settings, hosts, tags, paths))
