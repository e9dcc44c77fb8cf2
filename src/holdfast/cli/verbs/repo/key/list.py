"""`holdfast repo key list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo key list
    """
)
def command(settings: Settings) -> None:
    """List keys; a star is at the one in use."""
    from holdfast.cli.repo.keys import show

    show(settings)
