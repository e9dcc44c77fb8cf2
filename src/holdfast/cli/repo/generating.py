"""Completion scripts into files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click
from click.shell_completion import get_completion_class

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.screen import Screen

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings

NO_POWERSHELL = "--powershell-completion: there is none for PowerShell; bash, zsh and fish have one"
NO_MANUAL = "--man: there are no manual pages; `holdfast repo VERB --help` and docs/cli.md say the same"


class GenerateFlags(TypedDict):
    """Files to write."""

    bash_completion: str | None
    zsh_completion: str | None
    fish_completion: str | None
    powershell_completion: str | None
    man: str | None


def generate(settings: Settings, flags: GenerateFlags) -> None:
    """Write what was asked for.

    Raises:
        FatalError: nothing was asked for, it does not exist here, or a file cannot be written.
    """
    if flags["powershell_completion"]:
        raise FatalError(NO_POWERSHELL)
    if flags["man"]:
        raise FatalError(NO_MANUAL)
    shells = {
        "bash": flags["bash_completion"],
        "zsh": flags["zsh_completion"],
        "fish": flags["fish_completion"],
    }
    wanted = {shell: file for shell, file in shells.items() if file}
    if not wanted:
        raise FatalError("nothing to do, please specify at least one output file")
    if [*wanted.values()].count("-") > 1:
        raise FatalError("the generate command can only write one completion to standard output")
    for shell, file in wanted.items():
        _write(settings, file, _script(shell))


def _script(shell: str) -> str:
    kind = get_completion_class(shell)
    if kind is None:
        raise FatalError(f"no completion for {shell}")
    root = click.get_current_context().find_root().command
    return kind(root, {}, "holdfast", "_HOLDFAST_COMPLETE").source()


def _write(settings: Settings, file: str, script: str) -> None:
    if file == "-":
        Screen(settings).result(script)
        return
    try:
        Path(file).write_text(script)
    except OSError as failure:
        raise FatalError(f"{file}: {failure.strerror}") from None
    Screen(settings).say(f"writing completion file to {file}")
