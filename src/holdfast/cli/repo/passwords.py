"""Where a password comes from: a command, a file, the environment, the terminal or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.files import text_of

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings

EMPTY = "an empty password is not allowed by default. Pass the flag `{}` to disable this check"
UNLESS = "--insecure-no-password"
TWICE = (
    "--insecure-no-password must not be specified together with providing a password via a cli option"
    " or environment variable"
)


def is_told(settings: Settings) -> bool:
    """Whether nobody has to type one."""
    return bool(
        settings.password
        or settings.password_file
        or settings.password_command
        or settings.insecure_no_password
    )


def known_password(settings: Settings) -> str | None:
    """What needs nobody to type it; empty when that is allowed."""
    given = _given(settings)
    if not settings.insecure_no_password:
        return given
    if given:
        raise FatalError(TWICE)
    return ""


def typed_password() -> str:
    """The one of a repository."""
    return typed("enter password for repository", UNLESS)


def new_password(settings: Settings) -> str:
    """The one for a new repository; typed twice when it is typed."""
    known = known_password(settings)
    return typed("enter password for new repository", UNLESS, again=True) if known is None else known


def typed(prompt: str, unless: str, *, again: bool = False) -> str:
    """At the terminal, or the first line of standard input; `unless` is the flag that allows an empty one."""
    found = _asked(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not found:
        raise FatalError(EMPTY.format(unless))
    if again and sys.stdin.isatty() and _asked("enter password again") != found:
        raise FatalError("passwords do not match")
    return found


def _given(settings: Settings) -> str | None:
    if settings.password_file and settings.password_command:
        raise FatalError("Password file and command are mutually exclusive options")
    if settings.password_command:
        return _printed(settings.password_command) or None
    if settings.password_file:
        return text_of(settings.password_file) or None
    return settings.password


def _asked(prompt: str) -> str:
    answer = click.prompt(prompt, hide_input=True, err=True, default="", show_default=False)
    return str(answer)


def _printed(command: str) -> str:
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
        answer = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    except OSError as failure:
        raise FatalError(f"Resolving password failed: {words[0]}: {failure.strerror}") from None
    except ValueError as wrong:
        raise FatalError(f"Resolving password failed: --password-command: {wrong}") from None
    if answer.returncode:
        raise FatalError(f"Resolving password failed: {words[0]}: exit status {answer.returncode}")
    return answer.stdout.decode().strip()
