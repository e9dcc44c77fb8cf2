"""What a backup reads instead of files: standard input, or what a command prints.

Both are waited for in turns. A read that waits in C does not see a signal that came just before it, and nobody
likes to press Ctrl-C twice.
"""

from __future__ import annotations

import os
import select
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Protocol, cast

from holdfast.cli.repo.failing import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from subprocess import Popen

TURN = 0.1
"""Seconds."""


class Readable(Protocol):
    """A binary file object."""

    def read(self, size: int, /) -> bytes: ...


@contextmanager
def standard_input() -> Iterator[Readable]:
    """What is piped into us."""
    yield _Turns(sys.stdin.buffer)


@contextmanager
def output_of(command: Sequence[str]) -> Iterator[Readable]:
    """What a command prints; it ends when we do.

    Raises:
        FatalError: it cannot be started; reading the end: it failed.
    """
    import subprocess

    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
    except OSError as failure:
        raise FatalError(f"failed to backup from stdin: {failure}") from None
    with process:
        try:
            yield _Output(process)
        except BaseException:
            process.terminate()
            raise


class _Turns:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        while not select.select([self._stream], [], [], TURN)[0]:
            pass
        return os.read(self._stream.fileno(), size)


class _Output:
    """Its end is only its end when the command succeeded."""

    def __init__(self, process: Popen[bytes]) -> None:
        self._process = process
        self._turns = _Turns(cast("IO[bytes]", process.stdout))

    def read(self, size: int, /) -> bytes:
        data = self._turns.read(size)
        if not data and (code := self._process.wait()):
            raise FatalError(f"unable to save snapshot: command failed: exit status {code}")
        return data
