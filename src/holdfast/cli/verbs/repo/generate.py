"""`holdfast repo generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.generating import GenerateFlags
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    engine=False,
    examples="""
        $ holdfast repo generate --bash-completion -
        $ mkdir man && holdfast repo generate --man man
    """,
)
@click.option("--bash-completion", metavar="FILE", help="Completion for bash (`-` for standard output).")
@click.option("--zsh-completion", metavar="FILE", help="Completion for zsh.")
@click.option("--fish-completion", metavar="FILE", help="Completion for fish.")
@click.option("--powershell-completion", metavar="FILE", help="Completion for PowerShell.")
@click.option("--man", metavar="DIRECTORY", help="Manual pages, into a folder that is there.")
def command(settings: Settings, **flags: Unpack[GenerateFlags]) -> None:
    """Write completion scripts and manual pages.

    Scripts complete `holdfast`; an alias such as `restic` is completed where the shell completes aliases by what they
    stand for.
    """
    from holdfast.cli.repo.generating import generate

    generate(settings, flags)
