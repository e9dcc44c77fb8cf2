"""`holdfast repo dump`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from holdfast.cli.repo.selecting import snapshot_filter
from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        # One file
        holdfast repo dump latest /etc/hosts
        # A folder as an archive
        holdfast repo dump latest /etc --archive zip --target etc.zip
    """
)
@click.argument("args", nargs=-1, metavar="SNAPSHOT[:FOLDER] FILE")
@click.option(
    "-a",
    "--archive",
    type=click.Choice(["tar", "zip"]),
    default="tar",
    show_default=True,
    help="Form of a folder.",
)
@click.option("-t", "--target", help="File to write, instead of standard output.")
@snapshot_filter
def command(
    settings: Settings,
    *,
    args: tuple[str, ...],
    archive: Literal["tar", "zip"],
    target: str | None,
    hosts: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
) -> None:
    """Print a file, or a folder as an archive."""
    from holdfast.cli.repo.dumped import dump
    from holdfast.cli.repo.selecting import selection

    dump(settings, args, archive, target, selection(settings, hosts, tags, paths))
