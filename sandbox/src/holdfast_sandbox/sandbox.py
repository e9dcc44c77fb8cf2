"""A sandbox as a Python object.

The object is a handle: after `up` it holds paths, no connections, and works from any event loop and process.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from holdfast_sandbox import control, logs, tools
from holdfast_sandbox.errors import NotRunning, Refused, StartError
from holdfast_sandbox.images import bases, loading
from holdfast_sandbox.layout import Layout, Settings, Sockets
from holdfast_sandbox.node import probing
from holdfast_sandbox.tools import packages

if TYPE_CHECKING:
    from holdfast_sandbox.driver.faults import Faults

POLL = 0.02  # seconds
DOWN_WITHIN = 30.0  # seconds


class Sandbox:
    """A Kubernetes of its own: `async with Sandbox() as sandbox`, or `up` and `down`.

    Args:
        directory: kept after `down`, and its data is there at the next `up`; None for one that is removed.
        paper_node: have a node without kubelet, on which the scheduler places pods that never run; not beside `node`.
        topology: have two such nodes, `paper` and `paper2`, and volumes that only one of them reaches.
        node: have a node on which pods run; needs root and what `holdfast_sandbox.node.probing` looks for.
        detached: stay when this process ends.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        paper_node: bool = True,
        topology: bool = False,
        node: bool = False,
        detached: bool = False,
    ) -> None:
        self._ephemeral = directory is None
        self._paper_node, self._node, self._detached = paper_node, node, detached
        self._topology = topology
        chosen = directory or Path(tempfile.gettempdir()) / f"holdfast-sandbox-{os.urandom(6).hex()}"
        self._layout = Layout(chosen.absolute())
        self._supervisor: subprocess.Popen[bytes] | None = None

    @classmethod
    def attach(cls, directory: Path) -> Self:
        """A handle of a sandbox that somebody else started.

        Raises:
            NotRunning: there is none in this directory.
        """
        sandbox = cls(directory)
        if not sandbox.running:
            raise NotRunning(f"no sandbox is running in {directory}")
        return sandbox

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()

    async def up(self) -> None:
        """Start, and return when the cluster is usable. Programs that are not built yet are built first.

        Raises:
            BuildError: a program could not be built.
            StartError: the cluster did not become ready.
            Refused: it is running already.
            Incapable: this machine cannot have a node.
        """
        if self.running:
            raise Refused(f"a sandbox is running in {self.directory}: attach to it, or take it down first")
        await asyncio.to_thread(self._prepare)
        try:
            self._launch()
            await self._wait()
        except BaseException:
            await asyncio.shield(self.down())
            raise

    async def down(self) -> None:
        """Stop everything; return when no process and no socket is left. Fine when nothing is running."""
        with contextlib.suppress(NotRunning):
            await self._ask("down")
        await self._stopped()
        self._clean()

    async def _stopped(self) -> None:
        deadline = asyncio.get_running_loop().time() + DOWN_WITHIN
        while self.running:
            if asyncio.get_running_loop().time() > deadline:
                raise StartError(f"the sandbox in {self.directory} did not stop within {DOWN_WITHIN:.0f} s")
            await asyncio.sleep(POLL)

    @property
    def running(self) -> bool:
        """Whether a supervisor works on the directory, ready or not."""
        try:
            with self._layout.lock.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @property
    def directory(self) -> Path:
        return self._layout.directory

    @property
    def kubeconfig(self) -> Path:
        """Of an administrator; it contains its certificates and may be copied elsewhere on this machine."""
        return self._layout.kubeconfig

    @property
    def kubectl_path(self) -> Path:
        return tools.ensure().programs["kubectl"]

    @property
    def s3_endpoint(self) -> str:
        return f"http://{self._settings.host}:{self._settings.s3_port}"

    @property
    def s3_access_key(self) -> str:
        return self._settings.s3_access_key

    @property
    def s3_secret_key(self) -> str:
        return self._settings.s3_secret_key

    @property
    def faults(self) -> "Faults":
        """Disturbs the CSI driver on demand."""
        from holdfast_sandbox.driver.faults import Faults  # noqa: PLC0415  most users do not disturb

        return Faults(self._sockets.faults)

    def volume_path(self, volume_handle: str) -> Path:
        """The directory behind a CSI volume; its data may be read and written there.

        With a node, a volume with a file system is seen through the cluster's namespaces, as long as it is up.
        """
        mounted = self._layout.mounts / volume_handle
        if not mounted.is_dir():
            return self._layout.csi / "volumes" / volume_handle
        process = self._sockets.machine.read_text()
        return Path(f"/proc/{process}/root{mounted}")

    def log_path(self, component: str) -> Path:
        return self._layout.log(component)

    async def kubectl(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002  as in subprocess
        """The standard output of kubectl, as an administrator.

        Raises:
            Refused: kubectl ended with an error; the message is its standard error.
        """
        process = await asyncio.create_subprocess_exec(
            self.kubectl_path,
            *("--kubeconfig", str(self.kubeconfig), *arguments),
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await process.communicate(None if input is None else input.encode())
        if process.returncode:
            raise Refused(f"kubectl {' '.join(arguments)}: {err.decode(errors='replace').strip()}")
        return out.decode()

    async def load_image(self, archive: Path) -> None:
        """Let pods run the image in an OCI archive (`images.archives`), under its name, with imagePullPolicy Never.

        Raises:
            Refused: it is no such archive.
            NotRunning: the sandbox is down or has no node.
        """
        if not (socket := self._sockets.containerd).exists():
            raise NotRunning(f"no containerd is running in {self.directory}: use Sandbox(node=True)")
        await loading.load(packages.ctr(), socket, archive)

    async def crash(self) -> None:
        """Cut the power: every process is killed in the same instant. `up` starts again with what is stored.

        Raises:
            Refused: nothing would be left to start again, because the directory is a temporary one.
            NotRunning: it is down already.
        """
        if self._ephemeral:
            raise Refused("a sandbox in a temporary directory cannot come back: give it a directory")
        with contextlib.suppress(NotRunning):
            await self._ask("crash")
        await self._stopped()

    async def status(self) -> dict[str, Any]:
        """`phase` (`starting`, `ready`, `failed`) and `components` with name, state, pid and restarts.

        Raises:
            NotRunning: there is nothing to tell about.
        """
        return await self._ask("status")

    async def kill(self, component: str) -> None:
        """SIGKILL; it is back about 0.3 s later.

        Raises:
            Refused: there is no such component; the message lists them.
            NotRunning: the sandbox is down.
        """
        await self._ask("kill", component)

    async def stop(self, component: str) -> None:
        """End a component and keep it down until `start`. Raises as `kill` does."""
        await self._ask("stop", component)

    async def start(self, component: str) -> None:
        """Undo `stop`. Raises as `kill` does."""
        await self._ask("start", component)

    @property
    def _settings(self) -> Settings:
        return self._layout.load()

    @property
    def _sockets(self) -> Sockets:
        return Sockets(Path(self._settings.runtime))

    async def _ask(self, do: str, component: str | None = None) -> dict[str, Any]:
        if not self.running:
            raise NotRunning(f"no sandbox is running in {self.directory}")
        return await control.ask(self._sockets.control, do, component)

    def _prepare(self) -> None:
        tools.ensure(node=self._node)
        if self._node:
            probing.require()
            bases.small()

    def _launch(self) -> None:
        self._bury()
        self._layout.prepare()
        command = [sys.executable, "-P", "-m", "holdfast_sandbox.supervisor", str(self.directory)]
        if not self._detached:
            command += ["--follow", str(os.getpid())]
        if self._ephemeral:
            command.append("--ephemeral")
        if not self._paper_node:
            command.append("--no-paper-node")
        if self._node:
            command.append("--node")
        if self._topology:
            command.append("--topology")
        with self._layout.log("supervisor").open("ab") as log:
            self._supervisor = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
            )

    async def _wait(self) -> None:
        while True:
            try:
                await self._ask("wait")
            except NotRunning:
                self._check_alive()
                await asyncio.sleep(POLL)
            else:
                return

    def _check_alive(self) -> None:
        if self._supervisor and self._supervisor.poll() is not None:
            said = logs.tail(self._layout.log("supervisor"))
            raise StartError(f"the supervisor of {self.directory} ended while starting:\n{said}")

    def _bury(self) -> None:
        if self._supervisor:
            self._supervisor.wait()
            self._supervisor = None

    def _clean(self) -> None:
        self._bury()
        if runtime := self._settings.runtime:
            shutil.rmtree(runtime, ignore_errors=True)
        if self._ephemeral:
            shutil.rmtree(self.directory, ignore_errors=True)
