"""`holdfast repo init`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.initialising import InitFlags
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        $ holdfast repo init
        $ holdfast repo -r /srv/other init --repository-version 1
    """
)
@click.option("--repository-version", default="stable", help="1, 2, latest or stable.", show_default=True)
@click.option("--copy-chunker-params", is_flag=True, help="Cut files as the repository of --from-repo does.")
@click.option("--from-repo", help="Repository to copy parameters from (default: $RESTIC_FROM_REPOSITORY).")
@click.option(
    "--from-repository-file", help="File with its location (default: $RESTIC_FROM_REPOSITORY_FILE)."
)
@click.option("--from-password-file", help="File with its password (default: $RESTIC_FROM_PASSWORD_FILE).")
@click.option("--from-password-command", help="Command for it (default: $RESTIC_FROM_PASSWORD_COMMAND).")
@click.option("--from-key-hint", help="Its key to try first (default: $RESTIC_FROM_KEY_HINT).")
@click.option("--from-insecure-no-password", is_flag=True, help="Its password is empty.")
def command(settings: Settings, **flags: Unpack[InitFlags]) -> None:
    """Make a repository.

    Refused when there is one already. The password protects everything: whoever has it can read all, and without it
    nothing can be read again.
    """
    from holdfast.cli.repo.initialising import initialise

    initialise(settings, flags)
