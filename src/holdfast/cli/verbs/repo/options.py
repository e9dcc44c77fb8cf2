"""`holdfast repo options`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo options
    """
)
def command(settings: Settings) -> None:
    """List options of the stores, for -o."""
    from holdfast.cli.repo.screen import Screen
    from holdfast_engine import store_options

    screen = Screen(settings)
    screen.result("All Extended Options:")
    for name, default, help_text, refused in store_options():
        more = f" (default: {default})" if default else ""
        screen.result(f"  {name:24}  {f'refused: {refused}' if refused else help_text + more}")
