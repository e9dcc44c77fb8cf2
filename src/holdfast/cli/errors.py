"""Failures of a command, by what the user can do about them; each cause has its exit code.

    CliError                  1   it did not work, for a reason that has no code of its own
    ├── MisusedError          2   the command line itself is wrong
    ├── MissingError          3   an object that was named does not exist
    ├── RefusedError          4   what was asked would be unsafe or impossible; nothing was changed
    ├── ChangedError          5   somebody changed the object meanwhile, or it exists already
    ├── UnreachedError        6   no connection: kubeconfig, credentials or network
    ├── DeniedError           7   the cluster does not allow it to this user
    ├── TooLateError          8   it did not come about within the time that was given; it may still
    └── UnsuccessfulError     9   it was started and ended badly

`docs/exit-codes.md` repeats the table for users; a test holds the two together. Errors of the packages below become
one of these in `explaining`.
"""

from __future__ import annotations

from typing import ClassVar


class CliError(Exception):
    """What went wrong, with the object and value in the message, and what to do about it as the remedy."""

    code: ClassVar[int] = 1
    meaning: ClassVar[str] = "It did not work, or a check of `doctor` failed."

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class MisusedError(CliError):
    code = 2
    meaning = "The command line is wrong: an unknown verb or option, a value that cannot be read."


class MissingError(CliError):
    code = 3
    meaning = "An object that was named does not exist."


class RefusedError(CliError):
    code = 4
    meaning = "What was asked is unsafe or impossible. Nothing was changed."


class ChangedError(CliError):
    code = 5
    meaning = "The object exists already, or somebody changed it meanwhile."


class UnreachedError(CliError):
    code = 6
    meaning = "No connection to the cluster: kubeconfig, credentials or network."


class DeniedError(CliError):
    code = 7
    meaning = "The cluster does not allow this to the user."


class TooLateError(CliError):
    code = 8
    meaning = "It did not come about within the time that was given. It may still."


class UnsuccessfulError(CliError):
    code = 9
    meaning = "It was started and ended badly, for example a restore that was rolled back."


DONE = 0
INTERRUPTED = 130
"""Ctrl-C, as shells count it (128 + SIGINT)."""
READER_GONE = 141
"""The reader of a pipe went away, as shells count it (128 + SIGPIPE); nothing is printed."""

KINDS: tuple[type[CliError], ...] = (CliError, *CliError.__subclasses__())
CODES: dict[int, str] = {
    DONE: "Done.",
    **{kind.code: kind.meaning for kind in KINDS},
    INTERRUPTED: "Interrupted with Ctrl-C.",
    READER_GONE: "The reader of the output went away (as in `holdfast … | head`).",
}
