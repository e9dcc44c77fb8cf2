"""`holdfast repo unlock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo unlock
    """
)
@click.option("--remove-all", is_flag=True, help="Locks of living processes, too. Dangerous while they work.")
def command(settings: Settings, *, remove_all: bool) -> None:
    """Remove locks of processes that are gone."""
    from holdfast.cli.repo.opening import opened
    from holdfast.cli.repo.screen import Screen

    with opened(settings) as repository:
        count = repository.unlock(remove_all=remove_all)
    if count:
        Screen(settings).say(f"successfully removed {count} locks")
