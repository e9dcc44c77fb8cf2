"""The worker: owns the component processes, answers at the control socket, ends when it is told or left alone.

A request is one line of JSON, `{"do": "kill", "component": "etcd"}`; so is the answer, which has `error` when the
request was refused.
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from holdfast_sandbox.components import Component
from holdfast_sandbox.errors import Refused, SandboxError
from holdfast_sandbox.layout import Layout, Settings, Sockets
from holdfast_sandbox.supervisor import booting
from holdfast_sandbox.supervisor.processes import Process

Answer = dict[str, Any]


class Worker:
    """One running cluster."""

    def __init__(
        self, layout: Layout, settings: Settings, components: Sequence[Component], crds: Sequence[Path]
    ) -> None:
        self._layout, self._settings, self._crds = layout, settings, crds
        self._processes = {each.name: Process(each, layout.log(each.name)) for each in components}
        self._end = asyncio.Event()
        self._booting: asyncio.Task[None] | None = None

    async def run(self, followed: int | None, ready: Callable[[], object]) -> None:
        """Boot, serve and wait for the end; then stop everything.

        Args:
            followed: descriptor of a process whose end is ours; None to stay.
            ready: called once signals are handled.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end.set)
        ready()
        if followed is not None:
            loop.add_reader(followed, self._end.set)
        self._booting = asyncio.create_task(
            booting.boot(self._layout, self._settings, self._processes, self._crds)
        )
        control = Sockets(Path(self._settings.runtime)).control
        server = await asyncio.start_unix_server(self._serve, control)
        await self._end.wait()
        server.close()
        await self._stop_all()

    async def _stop_all(self) -> None:
        if self._booting and self._booting.cancel():
            with suppress(asyncio.CancelledError):
                await self._booting
        etcd = self._processes.pop("etcd")
        await asyncio.gather(*(process.stop(grace=0) for process in self._processes.values()))
        await etcd.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await reader.readline())
            try:
                answer = await self._obey(request)
            except SandboxError as error:
                answer = {"error": str(error), "kind": type(error).__name__}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError):
            pass  # the other side's trouble
        finally:
            writer.close()

    async def _obey(self, request: dict[str, Any]) -> Answer:
        match request.get("do"):
            case "status":
                return self._status()
            case "wait":
                return await self._wait()
            case "kill":
                self._process(request).kill()
            case "stop":
                await self._process(request).stop()
            case "start":
                await self._process(request).start()
            case "crash":
                os._exit(1)  # whoever guards us ends all others the hard way
            case "down":
                self._end.set()
            case other:
                raise Refused(f"there is no request {other!r}")
        return {}

    async def _wait(self) -> Answer:
        if self._booting:
            await asyncio.shield(self._booting)
        return self._status()

    def _process(self, request: dict[str, Any]) -> Process:
        name = request.get("component")
        if process := self._processes.get(str(name)):
            return process
        raise Refused(f"there is no component {name!r}; there are {', '.join(self._processes)}")

    def _status(self) -> Answer:
        return {
            "phase": self._phase(),
            "components": [
                {"name": name, "state": process.state, "pid": process.pid, "restarts": process.restarts}
                for name, process in self._processes.items()
            ],
        }

    def _phase(self) -> str:
        if not self._booting or not self._booting.done():
            return "starting"
        failed = self._booting.cancelled() or self._booting.exception()
        return "failed" if failed else "ready"
