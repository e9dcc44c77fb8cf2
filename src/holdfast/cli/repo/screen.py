"""Standard output of a verb: lines for people or JSON for programs, and a status that is redrawn on a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from holdfast.cli.repo.settings import Settings

    Document: TypeAlias = Mapping[str, object]

VERY_VERBOSE = 2
FRAMES = 10.0
"""Reports a second, unless $RESTIC_PROGRESS_FPS says less: the engine gives no more."""
NO_CHARACTERS = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")
"""Bytes of names that are no UTF-8, as restic shows them in JSON."""


class Screen:
    """Where a verb's words go. Messages are for people: with `--json` only documents are printed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._terminal = sys.stdout.isatty()
        self._drawn = 0
        self._next = 0.0

    @property
    def every(self) -> float | None:
        """Seconds between two reports of progress; None: no reports are wanted."""
        settings = self._settings
        if settings.quiet:
            return None
        if settings.frames > 0:
            return 1 / min(settings.frames, FRAMES)
        return 1 / FRAMES if settings.json or self._terminal else None

    def say(self, line: str = "") -> None:
        """A message; not with --quiet."""
        if self._settings.chatty:
            self._print(line)

    def greet(self, line: str) -> None:
        """A message for who sits at a terminal."""
        if self._terminal:
            self.say(line)

    def verbose(self, line: str) -> None:
        """A message with -v."""
        if self._settings.verbose:
            self.say(line)

    def very_verbose(self, line: str) -> None:
        """A message with -vv."""
        if self._settings.verbose >= VERY_VERBOSE:
            self.say(line)

    def result(self, line: str) -> None:
        """What was asked for, quiet or not; there may be many, so that they are printed some at a time."""
        self.clear()
        sys.stdout.write(f"{line}\n")

    def document(self, value: object) -> None:
        """JSON that was asked for, on one line; the same."""
        sys.stdout.write(f"{_json(value)}\n")

    def event(self, value: Document) -> None:
        """JSON that tells what is going on: at once."""
        self.document(value)
        sys.stdout.flush()

    def warn(self, line: str) -> None:
        """A message on standard error."""
        self.clear()
        sys.stdout.flush()
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def failure(self, value: Document) -> None:
        """The same as JSON."""
        self.warn(_json(value))

    def status(
        self, lines: Callable[[], Sequence[str]], document: Callable[[], Document] | None = None
    ) -> None:
        """How far it is, at most as often as `every` says: JSON where there is a form for it, else lines."""
        now = time.monotonic()
        if self.every is None or now < self._next:
            return
        self._next = now + self.every
        if self._settings.json:
            if document:
                self.event(document())
        elif self._terminal:
            self._draw(lines())
        else:
            self.say(lines()[0])

    def clear(self) -> None:
        """Take the status away."""
        if self._drawn:
            sys.stdout.write("\r\x1b[J")
            sys.stdout.flush()
            self._drawn = 0

    def _draw(self, lines: Sequence[str]) -> None:
        """The cursor stays at the beginning of the first line."""
        import shutil

        width = shutil.get_terminal_size().columns - 1
        up = f"\x1b[{len(lines) - 1}A" if len(lines) > 1 else ""
        sys.stdout.write("\r\x1b[J" + "\n".join(line[:width] for line in lines) + up + "\r")
        sys.stdout.flush()
        self._drawn = len(lines)

    def _print(self, line: str) -> None:
        self.result(line)
        sys.stdout.flush()


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(NO_CHARACTERS)
