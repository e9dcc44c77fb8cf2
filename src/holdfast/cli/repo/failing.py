"""Failures in restic's words and with restic's exit codes.

`docs/exit-codes.md` repeats `CODES`; a test holds the two together.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from holdfast_engine import EngineError

FAILED = 1
INCOMPLETE = 3
INTERRUPTED = 130
TERMINATED = 143
CODES = {
    0: "Done.",
    FAILED: "It did not work, or `check` found damage, or some entries could not be restored.",
    INCOMPLETE: "The snapshot was made without sources that could not be read.",
    10: "There is no repository at the location.",
    11: "Somebody else works in the repository.",
    12: "The password opens no key of the repository.",
    INTERRUPTED: "Interrupted with Ctrl-C; locks are removed.",
    TERMINATED: "Ended by SIGTERM; locks are removed.",
}


class FatalError(Exception):
    """The command cannot go on; the message says why and what to do."""

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class EndedError(Exception):
    """Everything was said already; only the exit code is left."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def of_engine(error: EngineError) -> tuple[int, str]:
    """Exit code and message of what the engine raised."""
    from holdfast_engine import errors

    match error:
        case errors.NoRepositoryError():
            message = (
                f"Fatal: repository does not exist: {error.why}\n"
                f"Is there a repository at the following location?\n{error.location}"
            )
        case errors.LockedError():
            message = f"{error}\nthe `unlock` command can be used to remove stale locks"
        case _:
            message = f"Fatal: {error}"
    return error.exit_code, message


def end(code: int, message: str, *, as_json: bool) -> NoReturn:
    """End with a message on standard error, as restic's `exit_error` with `--json`."""
    sys.stdout.flush()
    if as_json:
        document = {"message_type": "exit_error", "code": code, "message": message}
        message = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    click.echo(message, err=True)
    raise click.exceptions.Exit(code)
