"""One component as a process: started, restarted when it dies, stopped, killed."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from holdfast_sandbox.components import Component
from holdfast_sandbox.supervisor import dying

RESTART_AFTER = 0.3  # seconds
GRACE = 2.0  # seconds between SIGTERM and SIGKILL


class Process:
    """A component that is kept running from `start` until `stop`. Only for the thread that made it."""

    def __init__(self, component: Component, log: Path) -> None:
        self.component = component
        self.log = log
        self.restarts = 0
        self._popen: subprocess.Popen[bytes] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """None while there is no process."""
        return self._popen.pid if self._popen else None

    @property
    def state(self) -> str:
        """`stopped` (on purpose), `restarting` or `running`."""
        if not self._keeping:
            return "stopped"
        return "running" if self._popen else "restarting"

    async def start(self) -> None:
        """Keep it running. Fine when it runs already."""
        async with self._changing:
            if not self._keeping:
                self._keeping = asyncio.create_task(self._keep(), name=self.component.name)

    async def stop(self, *, grace: float = GRACE) -> None:
        """End it and keep it down; after `grace` seconds the hard way. Fine when it is down already."""
        async with self._changing:
            keeping, self._keeping = self._keeping, None
            if keeping:
                await self._end(keeping, grace)

    async def _end(self, keeping: asyncio.Task[None], grace: float) -> None:
        if self._popen:
            self._signal(signal.SIGTERM if grace else signal.SIGKILL)
            await asyncio.wait([keeping], timeout=grace or None)
            self.kill()
        else:
            keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping

    def kill(self) -> None:
        """SIGKILL for the process and its children; when it is to run, it comes back."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._popen:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, number)

    async def _keep(self) -> None:
        mine = asyncio.current_task()
        while True:
            await self._run_once()
            if self._keeping is not mine:
                return
            self.restarts += 1
            await asyncio.sleep(RESTART_AFTER)

    async def _run_once(self) -> None:
        try:
            self._popen = self._spawn()
        except OSError as error:  # the program may come back: somebody may be rebuilding it
            self.log.write_text(f"{self.component.name} cannot be started: {error}\n")
            return
        try:
            await _ended(self._popen.pid)
        finally:
            self.kill()  # what it started goes with it
            self._popen.wait()
            self._popen = None

    def _spawn(self) -> subprocess.Popen[bytes]:
        parent = os.getpid()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.component.command,
                cwd=self.component.directory or "/",
                env=os.environ | dict(self.component.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=lambda: dying.with_parent(parent, signal.SIGKILL),  # noqa: PLW1509  no threads here
            )


async def _ended(pid: int) -> None:
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    descriptor = os.pidfd_open(pid)
    loop.add_reader(descriptor, end.set)
    try:
        await end.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
