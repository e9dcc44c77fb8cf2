"""The entry point of `holdfast` and `kubectl holdfast`: parse, run, turn any failure into a message and a code.

A traceback is never shown; `HOLDFAST_DEBUG=1` asks for it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli import errors
from holdfast.cli.catalog import CATALOG
from holdfast.cli.grouping import CatalogGroup
from holdfast.cli.options import cluster_options

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPLETING = "_HOLDFAST_COMPLETE"
"""Set by the scripts that `holdfast completion` prints."""

HELP = "Snapshots, restores and clones of persistent data on Kubernetes."
EPILOG = "holdfast NOUN VERB --help shows more about a verb, with examples."


def root() -> click.Group:
    """The whole command line, nothing of it loaded yet."""
    return CatalogGroup(CATALOG, name="holdfast", help=HELP, epilog=EPILOG, params=cluster_options())


def main() -> None:
    """Run what the process was started with, and end it."""
    sys.exit(run(sys.argv[1:], program=_called_as(Path(sys.argv[0]).name)))


def run(arguments: Sequence[str], *, program: str = "holdfast") -> int:
    """Run one command line; gives the exit code."""
    if instruction := os.environ.get(COMPLETING):
        return _complete(instruction)
    try:
        return _run(list(arguments), program)
    except KeyboardInterrupt:
        click.echo("\nInterrupted.", err=True)
        return errors.INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return errors.READER_GONE


def _run(arguments: list[str], program: str) -> int:
    try:
        group = root()
        with group.make_context(program, arguments, color=_colour()) as context:
            group.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return errors.MisusedError.code
    except BrokenPipeError:
        raise
    except Exception as failure:  # noqa: BLE001  (whatever it was, a user gets a message)
        return _fail(failure)
    return errors.DONE


def _fail(failure: Exception) -> int:
    from holdfast.cli.explaining import explain

    if os.environ.get("HOLDFAST_DEBUG"):
        raise failure
    error = explain(failure)
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {error}", err=True, color=_colour())
    if error.remedy:
        click.echo(f"{click.style('Remedy:', bold=True)} {error.remedy}", err=True, color=_colour())
    return error.code


def _colour() -> bool | None:
    """None: in a terminal."""
    return False if os.environ.get("NO_COLOR") else None


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete

    return shell_complete(root(), {}, "holdfast", COMPLETING, instruction)


def _called_as(name: str) -> str:
    return "kubectl holdfast" if name.startswith("kubectl-") else "holdfast"


def _silence_stdout() -> None:
    """Let the interpreter's last flush go nowhere instead of failing a second time."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
