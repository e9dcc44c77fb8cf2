"""Processes under test: started through the proxy, and started again whenever somebody killed them.

One that is `kept_running` is also started again when it ended by itself, as in a cluster.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TAIL = 4000
_PATIENCE = 60.0


class EndedByItselfError(AssertionError):
    """A program ended that nobody killed; the message has the end of its log."""


class Program:
    """One client of the API server, known to the proxy by its label. In use as a context it runs."""

    def __init__(self, label: str, command: Sequence[str], log: Path, *, kept_running: bool = False) -> None:
        self.label = label
        self.starts = 0
        self._command = command
        self._log = log
        self._kept_running = kept_running
        self._process: asyncio.subprocess.Process | None = None
        self._ended: int | None = None

    async def __aenter__(self) -> Self:
        await self._start()
        self._keeper = asyncio.create_task(self._keep_running())
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        await self._stop()

    def kill(self) -> None:
        """SIGKILL; it is started again at once."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """SIGSTOP: it holds still, with whatever it believes, until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        self._signal(signal.SIGCONT)

    def check(self) -> None:
        """See that it has not ended by itself.

        Raises:
            EndedByItselfError: it has.
        """
        if self._ended is not None:
            raise EndedByItselfError(f"{self.label} ended by itself with {self._ended}:\n{self.tail()}")

    def tail(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-_TAIL:]

    async def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*self._command, stdout=log, stderr=log)
        self.starts += 1

    async def _keep_running(self) -> None:
        while self._process:
            code = await self._process.wait()
            if code != -signal.SIGKILL and not self._kept_running:
                break
            await self._start()
        self._ended = code

    async def _stop(self) -> None:
        self.resume()
        self._signal(signal.SIGTERM)
        if self._process:
            try:
                await asyncio.wait_for(self._process.wait(), _PATIENCE)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)
