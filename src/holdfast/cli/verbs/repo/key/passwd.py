"""`holdfast repo key passwd`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.verbs import repo_verb

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


@repo_verb(
    examples="""
        # The new password is asked for
        holdfast repo key passwd
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
    """Change the password of the key in use."""
    from holdfast.cli.repo.keys import NewPassword, change

    change(settings, NewPassword(new_password_file, user, host, new_insecure_no_password))
