"""`holdfast repo key add`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        # The new password is asked for
        holdfast repo key add
        holdfast repo key add --new-password-file new.txt --user backup
    """
)
@click.option("--new-password-file", metavar="FILE", help="File with the new password.")
@click.option("--new-insecure-no-password", is_flag=True, help="The new password is empty.")
@click.option("--user", help="User in the key, instead of this one.")
@click.option("--host", help="Host in the key, instead of this one.")
def command(
    settings: Settings,
    *,
    new_password_file: str | None,
    new_insecure_no_password: bool,
    user: str | None,
    host: str | None,
) -> None:
    """Let another password open the repository."""
    from holdfast.cli.repo.keys import NewPassword, add

    add(settings, NewPassword(new_password_file, user, host, new_insecure_no_password))
