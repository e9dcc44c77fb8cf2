"""`holdfast repo key remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        # An id as `holdfast repo key list` shows it
        holdfast repo key remove 2e4f1b0c
    """
)
@click.argument("name", metavar="ID")
def command(settings: Settings, *, name: str) -> None:
    """Remove a key; the one in use is refused.

    Who knew the password may still know the master key.
    """
    from holdfast.cli.repo.keys import remove

    remove(settings, name)
