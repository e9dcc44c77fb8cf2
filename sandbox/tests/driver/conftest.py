"""A driver of one's own for each test, spoken to by plain gRPC."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import grpc  # type: ignore[import-untyped]
import pytest

from holdfast_sandbox.driver import stubs
from holdfast_sandbox.driver.errors import Code
from holdfast_sandbox.driver.faults import Faults, Snapshot, Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from holdfast_sandbox.driver.stubs import Message

MEBIBYTE = 1 << 20
DEADLINE = 60.0
MOUNT = [{"mount": {}, "access_mode": {"mode": "SINGLE_NODE_WRITER"}}]
BLOCK = [{"block": {}, "access_mode": {"mode": "SINGLE_NODE_WRITER"}}]


class Driver:
    """A driver process and calls to it."""

    def __init__(self, directory: Path, messages: stubs.Stubs) -> None:
        self.socket = directory / "csi.sock"
        self.control = directory / "control.sock"
        self.root = directory / "root"
        self.log = directory / "log"
        self.faults = Faults(self.control)
        self._calls = {
            name: (f"/csi.v1.{service}/{name}", request, answer)
            for service in ("Identity", "Controller", "GroupController", "Node")
            for name, request, answer in messages.methods(service)
        }
        self._process: subprocess.Popen[str] | None = None
        self._open = ExitStack()

    def start(self, *options: str) -> None:
        paths = ["--socket", self.socket, "--control", self.control, "--root", self.root]
        log = self._open.enter_context(self.log.open("a"))
        command = [sys.executable, "-m", "holdfast_sandbox.driver", *map(str, paths), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout
        line = self._open.enter_context(self._process.stdout).readline()
        assert line == "ready\n", self.log.read_text()
        self._channel = self._open.enter_context(grpc.insecure_channel(f"unix://{self.socket}"))

    def kill(self) -> None:
        self._end(lambda process: process.kill())

    def stop(self) -> int:
        """End it politely; the exit code."""
        return self._end(lambda process: process.terminate())

    def ended(self) -> int:
        """Wait for its end by itself; the exit code."""
        return self._end(lambda _: None)

    def call(self, method: str, **fields: Any) -> Message:  # noqa: ANN401  messages
        path, request, answer = self._calls[method]
        ask = self._channel.unary_unary(
            path, request_serializer=request.SerializeToString, response_deserializer=answer.FromString
        )
        return ask(request(**fields), timeout=DEADLINE)

    def begin(self, method: str, **fields: Any) -> Message:  # noqa: ANN401  messages
        """Start a call without waiting; the result is a grpc.Future."""
        path, request, answer = self._calls[method]
        ask = self._channel.unary_unary(
            path, request_serializer=request.SerializeToString, response_deserializer=answer.FromString
        )
        return ask.future(request(**fields), timeout=DEADLINE)

    def refused(self, method: str, **fields: Any) -> Code:  # noqa: ANN401  messages
        """The code with which a call ends that must not succeed."""
        with pytest.raises(grpc.RpcError) as caught:
            self.call(method, **fields)
        return Code(caught.value.code().name)

    def make_volume(self, name: str = "volume", size: int = MEBIBYTE, **fields: Any) -> Volume:  # noqa: ANN401  messages
        fields = {"volume_capabilities": MOUNT, **fields}
        made = self.call("CreateVolume", name=name, capacity_range={"required_bytes": size}, **fields).volume
        return next(volume for volume in self.faults.volumes() if volume.id == made.volume_id)

    def take_snapshot(self, name: str, volume: Volume) -> Snapshot:
        taken = self.call("CreateSnapshot", name=name, source_volume_id=volume.id).snapshot
        return next(snapshot for snapshot in self.faults.snapshots() if snapshot.id == taken.snapshot_id)

    def directories(self) -> set[str]:
        """Names of all directories that hold data, in their places or not."""
        kinds = ("volumes", "snapshots", "incoming")
        return {path.name for kind in kinds for path in (self.root / kind).iterdir()}

    def index(self) -> set[str]:
        """Ids of all volumes and snapshots the driver knows."""
        volumes, snapshots = self.faults.volumes(), self.faults.snapshots()
        return {volume.id for volume in volumes} | {snapshot.id for snapshot in snapshots}

    def _end(self, end: Callable[[subprocess.Popen[str]], None]) -> int:
        code = 0
        if self._process:
            end(self._process)
            code = self._process.wait(DEADLINE)
        self._process = None
        self._open.close()
        return code


@pytest.fixture(scope="session")
def messages() -> stubs.Stubs:
    return stubs.Stubs(stubs.ensure())


@pytest.fixture
def stopped(tmp_path: Path, messages: stubs.Stubs) -> Iterator[Driver]:
    """A driver that a test starts by itself."""
    driver = Driver(tmp_path, messages)
    yield driver
    driver.kill()


@pytest.fixture
def driver(stopped: Driver) -> Driver:
    stopped.start()
    return stopped
