"""`holdfast repo restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.repo.selecting import snapshot_filter
from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.restoring import RestoreFlags
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo restore latest --target /tmp/restored
        $ holdfast repo restore latest --target /tmp/restored --include '*.txt' --verify
        # What would be changed and deleted
        $ holdfast repo restore latest --target /tmp/restored --delete --dry-run -vv
    """
)
@click.argument("ids", nargs=-1, metavar="SNAPSHOT[:FOLDER]")
@click.option("-t", "--target", help="Folder to restore into.")
@click.option("-i", "--include", multiple=True, metavar="PATTERN", help="Only what fits.")
@click.option("--iinclude", multiple=True, metavar="PATTERN", help="The same, upper and lower case alike.")
@click.option("--include-file", multiple=True, metavar="FILE", help="Patterns from a file.")
@click.option("--iinclude-file", multiple=True, metavar="FILE", help="The same, ignoring case.")
@click.option("-e", "--exclude", multiple=True, metavar="PATTERN", help="Not what fits.")
@click.option("--iexclude", multiple=True, metavar="PATTERN", help="The same, upper and lower case alike.")
@click.option("--exclude-file", multiple=True, metavar="FILE", help="Patterns from a file.")
@click.option("--iexclude-file", multiple=True, metavar="FILE", help="The same, ignoring case.")
@click.option("--include-xattr", multiple=True, metavar="PATTERN", help="Only such extended attributes.")
@click.option("--exclude-xattr", multiple=True, metavar="PATTERN", help="No such extended attributes.")
@click.option(
    "--overwrite",
    type=click.Choice(["always", "if-changed", "if-newer", "never"]),
    default="always",
    show_default=True,
    help="What happens to files that are there.",
)
@click.option("--delete", is_flag=True, help="Remove what is in the folder and not in the snapshot.")
@click.option("--sparse", is_flag=True, help="Leave holes where contents are zeros.")
@click.option("--verify", is_flag=True, help="Read everything again and compare.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--ownership-by-name", is_flag=True, help="Owners by name instead of number.")
@snapshot_filter
def command(
    settings: Settings,
    *,
    ids: tuple[str, ...],
    hosts: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
    **flags: Unpack[RestoreFlags],
) -> None:
    """Put a snapshot back into a folder.

    Everything is proven before it is written. The exit code is 1 when something could not be restored; the rest is.
    """
    from holdfast.cli.repo.restoring import restore
    from holdfast.cli.repo.selecting import selection

    restore(settings, ids, flags, selection(settings, hosts, tags, paths))
