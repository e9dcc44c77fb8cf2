"""How a long operation tells where it is: a live line in a terminal, plain lines elsewhere, JSON for programs.

Facts of JSON lines are given as keyword arguments; times in them are RFC 3339.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, Self

import click

if TYPE_CHECKING:
    from types import TracebackType

    from rich.status import Status


class Reporter(Protocol):
    """Where an operation reports; used as a context manager around it."""

    def done(self, text: str, **facts: object) -> None:
        """A step has been made, and stays visible."""

    def waiting(self, text: str, **facts: object) -> None:
        """What is waited for now; the next report may replace it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def reporter(*, as_json: bool = False) -> Reporter:
    """The reporter that fits where the output goes."""
    if as_json:
        return JsonLines()
    return Live() if sys.stdout.isatty() and sys.stderr.isatty() else Lines()


class Lines:
    """Plain lines, without repetitions."""

    def __init__(self) -> None:
        self._last = ""

    def done(self, text: str, **_facts: object) -> None:
        click.echo(text)

    def waiting(self, text: str, **_facts: object) -> None:
        if text != self._last:
            click.echo(text)
            self._last = text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class JsonLines:
    """One JSON object a line: the time, the facts, and the text for people."""

    def __init__(self) -> None:
        self._last: dict[str, object] = {}

    def done(self, text: str, **facts: object) -> None:
        self._print({"event": "done", "message": text, **facts})

    def waiting(self, text: str, **facts: object) -> None:
        line = {"event": "waiting", "message": text, **facts}
        if line != self._last:
            self._print(line)

    def _print(self, line: dict[str, object]) -> None:
        import msgspec

        self._last = line
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        click.echo(msgspec.json.encode({"time": moment, **line}).decode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class Live:
    """Steps as lines; what is waited for in one line that moves."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def done(self, text: str, **_facts: object) -> None:
        self._stop()
        click.echo(text)

    def waiting(self, text: str, **_facts: object) -> None:
        from rich.console import Console
        from rich.markup import escape

        if self._status is None:
            self._status = Console(stderr=True).status(escape(text))
            self._status.start()
        self._status.update(escape(text))

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
