"""`holdfast repo list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo list snapshots
        $ holdfast repo list blobs
    """
)
@click.argument("args", nargs=-1, metavar="blobs|packs|index|snapshots|keys|locks")
def command(settings: Settings, *, args: tuple[str, ...]) -> None:
    """List ids of files and blobs of a repository."""
    from holdfast.cli.repo.objects import names

    names(settings, args)
