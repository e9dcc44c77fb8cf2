"""The real Velero beside a sandbox: its server as a process, its command line, and the objects that they need.

Facts about running it without a pod: the server takes its kubeconfig from the environment, starts every
program in its plugin folder, and wants a Deployment called like itself before it restores. It is told of
every kind before it starts, because it looks for new ones only every five minutes.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import socket
import subprocess
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from holdfast_sandbox import tools
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from holdfast_sandbox import Sandbox

NAMESPACE = "velero"
BUCKET, PREFIX = "velero", "cluster-1"


class Velero:
    """A server at work, and its command line."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self._folder = sandbox, folder
        self._program = tools.peer("velero")
        self._server: subprocess.Popen[bytes] | None = None

    def memory(self) -> float:
        """Peak resident memory of the server, in MB, without its plugins."""
        assert self._server, "it does not serve"
        status = Path(f"/proc/{self._server.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024

    async def __call__(self, *arguments: str) -> str:
        """What the command line prints. A failure is one of the test."""
        process = await asyncio.create_subprocess_exec(
            *(str(self._program), "--kubeconfig", str(self.sandbox.kubeconfig), "-n", NAMESPACE, *arguments),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def backup(self, name: str, *arguments: str) -> dict[str, Any]:
        """Make a backup and wait for its end; gives the Backup object."""
        await self("backup", "create", name, "--snapshot-volumes=false", "--wait", *arguments)
        backup: dict[str, Any] = json.loads(await self("backup", "get", name, "-o", "json"))
        assert backup["status"]["phase"] == "Completed", await self("backup", "logs", name)
        return backup

    @asynccontextmanager
    async def serving(self, *flags: str) -> AsyncIterator[None]:
        """The server at work, until the context ends; with more flags, if there are any."""
        async with _alone(), self._serving(flags):
            yield

    @asynccontextmanager
    async def _serving(self, more: Sequence[str]) -> AsyncIterator[None]:
        plugins = self._folder / "plugins"
        plugins.mkdir()
        (self._folder / "tmp").mkdir()
        (plugins / "velero-plugin-for-aws").symlink_to(tools.peer("velero-plugin-for-aws"))
        ports = f"--metrics-address=127.0.0.1:{_free()}", f"--profiler-address=127.0.0.1:{_free()}"
        flags = (f"--plugin-dir={plugins}", f"--namespace={NAMESPACE}", *ports)
        with (self._folder / "server.log").open("wb") as log:
            server = subprocess.Popen(  # noqa: ASYNC220  (it lives longer than the call)
                [self._program, "server", *flags, *more],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self._server = server
            try:
                await until(lambda: self._available(server))
                yield
            finally:
                server.terminate()
                server.wait()

    async def _available(self, server: subprocess.Popen[bytes]) -> bool:
        if server.poll() is not None:
            pytest.fail(f"velero ended: {(self._folder / 'server.log').read_text()[-2000:]}")
        location = (
            "get",
            "backupstoragelocations",
            "default",
            "-n",
            NAMESPACE,
            "-o",
            "jsonpath={.status.phase}",
        )
        return await self.sandbox.kubectl(*location) == "Available"

    def _environment(self) -> dict[str, str]:
        own = {"KUBECONFIG": str(self.sandbox.kubeconfig), "VELERO_NAMESPACE": NAMESPACE}
        places = {"HOME": str(self._folder), "TMPDIR": str(self._folder / "tmp")}
        credentials = {"AWS_SHARED_CREDENTIALS_FILE": str(self._folder / "credentials")}
        return os.environ | own | places | credentials


@asynccontextmanager
async def velero(sandbox: Sandbox, folder: Path, *flags: str) -> AsyncIterator[Velero]:
    """Velero installed in a cluster and its server at work, with a default location in the sandbox's bucket."""
    made = await prepared(sandbox, folder)
    async with made.serving(*flags):
        yield made


async def prepared(sandbox: Sandbox, folder: Path) -> Velero:
    """All of that but the server."""
    (sandbox.directory / "buckets" / BUCKET).mkdir(exist_ok=True)
    (folder / "credentials").write_text(_credentials(sandbox))
    made = Velero(sandbox, folder)
    crds = await made("install", "--crds-only", "--dry-run", "-o", "yaml")
    await sandbox.kubectl("apply", "--server-side", "-f", "-", input=crds)
    await sandbox.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=120s")
    await sandbox.kubectl("apply", "-f", "-", input=json.dumps(_objects(sandbox)))
    return made


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """One server at a time on this machine: each also listens on port 8080, which no flag changes."""
    with (Path(tempfile.gettempdir()) / "holdfast-tests-velero.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


def _credentials(sandbox: Sandbox) -> str:
    keys = f"aws_access_key_id={sandbox.s3_access_key}\naws_secret_access_key={sandbox.s3_secret_key}\n"
    return f"[default]\n{keys}"


def _objects(sandbox: Sandbox) -> dict[str, Any]:
    def within(name: str) -> dict[str, str]:
        return {"name": name, "namespace": NAMESPACE}

    labels = {"deploy": "velero"}
    container = {"name": "velero", "image": "velero/velero:v1.18.2"}
    config = {"region": "us-east-1", "s3ForcePathStyle": "true", "s3Url": sandbox.s3_endpoint}
    items = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": within("cloud-credentials"),
            "stringData": {"cloud": _credentials(sandbox)},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": within("velero"),
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        },
        {
            "apiVersion": "velero.io/v1",
            "kind": "BackupStorageLocation",
            "metadata": within("default"),
            "spec": {
                "provider": "aws",
                "default": True,
                "backupSyncPeriod": "1s",
                "credential": {"name": "cloud-credentials", "key": "cloud"},
                "objectStorage": {"bucket": BUCKET, "prefix": PREFIX},
                "config": config,
            },
        },
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
