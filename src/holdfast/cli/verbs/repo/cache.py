"""`holdfast repo cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo cache
        $ holdfast repo cache --cleanup --max-age 60
    """
)
@click.option("--cleanup", is_flag=True, help="Remove those that were not used for long.")
@click.option(
    "--max-age", type=click.IntRange(min=0), default=30, show_default=True, help="Days without use."
)
@click.option("--no-size", is_flag=True, help="Do not count their sizes.")
def command(settings: Settings, *, cleanup: bool, max_age: int, no_size: bool) -> None:
    """Show or clean local copies of repositories.

    They hold index, snapshot and tree files, encrypted as in the repository; local repositories have none.
    """
    from holdfast.cli.repo.caches import clean, show

    if cleanup or settings.cleanup_cache:
        clean(settings, max_age)
    else:
        show(settings, max_age, sizes=not no_size)
