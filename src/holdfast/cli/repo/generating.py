"""Completion scripts and manual pages into files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

import click
from click.shell_completion import get_completion_class

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.screen import Screen

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings


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
        FatalError: nothing was asked for, or a file cannot be written.
    """
    shells = {
        "bash": flags["bash_completion"],
        "zsh": flags["zsh_completion"],
        "fish": flags["fish_completion"],
        "powershell": flags["powershell_completion"],
    }
    wanted = {shell: file for shell, file in shells.items() if file}
    if not (wanted or flags["man"]):
        raise FatalError("nothing to do, please specify at least one output file/dir")
    if [*wanted.values()].count("-") > 1:
        raise FatalError("the generate command can only write one completion to standard output")
    if flags["man"]:
        _write_manual(settings, Path(flags["man"]))
    for shell, file in wanted.items():
        _write_script(settings, file, _script(shell))


def _write_manual(settings: Settings, folder: Path) -> None:
    from holdfast.cli.repo.manual import pages

    root = click.get_current_context().find_root()
    noun = cast("click.Group", cast("click.Group", root.command).get_command(root, "repo"))
    Screen(settings).say(f"writing man pages to directory {folder}")
    for name, page in pages(noun, root).items():
        _write(folder / name, page)


def _script(shell: str) -> str:
    kind = get_completion_class(shell)
    if kind is None:
        raise FatalError(f"no completion for {shell}")
    root = click.get_current_context().find_root().command
    return kind(root, {}, "holdfast", "_HOLDFAST_COMPLETE").source()


def _write_script(settings: Settings, file: str, script: str) -> None:
    if file == "-":
        Screen(settings).result(script)
        return
    _write(Path(file), script)
    Screen(settings).say(f"writing completion file to {file}")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text)
    except OSError as failure:
        raise FatalError(f"{file}: {failure.strerror}") from None
