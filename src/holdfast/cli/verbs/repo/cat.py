"""`holdfast repo cat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo cat config
        $ holdfast repo cat tree latest
    """
)
@click.argument(
    "args",
    nargs=-1,
    metavar="masterkey|config|pack ID|blob ID|snapshot ID|index ID|key ID|lock ID|tree SNAPSHOT[:FOLDER]",
)
def command(settings: Settings, *, args: tuple[str, ...]) -> None:
    """Print what is stored.

    Keys and packs as they lie, all else decrypted. Whoever sees the master key can read the whole repository.
    """
    from holdfast.cli.repo.objects import show

    show(settings, args)
