"""`holdfast repo version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo version
        # With the kernels that this machine runs
        $ holdfast repo version -v
    """
)
def command(settings: Settings) -> None:
    """Print versions."""
    from platform import machine, python_version, system

    from holdfast.cli.repo.screen import Screen
    from holdfast_engine import __version__, kernels

    screen = Screen(settings)
    if settings.json:
        screen.document(
            {
                "message_type": "version",
                "version": __version__,
                "python_version": python_version(),
                "os": system().lower(),
                "arch": machine(),
            }
        )
        return
    screen.result(f"holdfast {__version__} with Python {python_version()} on {system().lower()}/{machine()}")
    screen.verbose(f"kernels: {kernels()}")
