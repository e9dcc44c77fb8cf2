"""The operator as a user has it: its own process, under the rights that `holdfast install` gives and no others.

    async with operating(sandbox.kubeconfig, tmp_path) as operator:
        operator.kill()
        await operator.start()

Whatever a test does to the process, it is gone when the block ends. `running` holds every operator there is, so that
what they said can be shown when a test fails.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import msgspec
import yaml

from holdfast.api.resource import DEPLOYMENTS, LEASES
from holdfast.kube import errors
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast.operator.installing import established, install
from holdfast.operator.manifests import Settings, installation
from holdfast.operator.manifests.settings import NAME
from holdfast.operator.running import LEASE
from support.waiting import until

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

SETTINGS = Settings()
PATIENCE = 90.0  # seconds for a start or an end
running: list[Operator] = []


class Operator:
    """One `holdfast operator`.

    Args:
        kubeconfig: its access to the cluster; may lead through a proxy.
        log: where its output goes.
        admin: an administrator's kubeconfig, to free the lease of one that was killed.
        election: whether it has to be elected.
        flags: more of them.
    """

    def __init__(
        self,
        kubeconfig: Path,
        log: Path,
        *,
        admin: Path,
        election: bool = True,
        identity: str = "operator",
        flags: Sequence[str] = (),
    ) -> None:
        self.log = log
        self._kubeconfig, self._admin = kubeconfig, admin
        self._election, self._identity, self._flags = election, identity, flags
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process, "the operator was never started"
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Start, and return when it is ready. It does not wait for the lease of a predecessor that was killed."""
        assert not self.alive, "the operator runs already"
        await self._free_lease()
        self.launch()
        await until(self.ready, PATIENCE)

    def launch(self) -> None:
        """Start and return at once; the process may fall over before it is ready."""
        self._port = _free_port()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"}
            )
        if self not in running:
            running.append(self)

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "holdfast", "--kubeconfig", str(self._kubeconfig), "operator"]
        command += ["--identity", self._identity, "--health-address", f"127.0.0.1:{self._port}"]
        command += ["--reached-at", f"http://127.0.0.1:{self._port}"]
        command += ["--log-format", "json", *self._flags]
        return [*command, *([] if self._election else ["--no-election"])]

    async def ready(self) -> bool:
        """Whether it says so.

        Raises:
            RuntimeError: it has ended; the message has the end of its log.
        """
        if not self.alive:
            raise RuntimeError(f"the operator ended:\n{self.said()[-3000:]}")
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as session,
                session.get(f"http://127.0.0.1:{self._port}/readyz") as answer,
            ):
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def metrics(self) -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self._port}/metrics") as a,
        ):
            return await a.text()

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP, SIGCONT and the like."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL; returns when it is dead."""
        if self._process:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._forget()

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process, "the operator was never started"
        self._process.terminate()
        code = await asyncio.to_thread(self._process.wait, PATIENCE)
        self._forget()
        return code

    async def restart(self) -> None:
        """`kill -9`, and a new process."""
        self.kill()
        await self.start()

    def said(self, since: int = 0) -> str:
        """Its log, from a position in bytes."""
        return self.log.read_bytes()[since:].decode(errors="replace") if self.log.exists() else ""

    def _forget(self) -> None:
        if self in running:
            running.remove(self)

    async def _free_lease(self) -> None:
        if not self._election:
            return
        async with Client(load_access(self._admin)) as client:
            try:
                await client.delete(LEASES, LEASE, SETTINGS.namespace)
            except errors.NotFound:
                return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def installed(client: Client, settings: Settings = SETTINGS) -> str:
    """Install everything but the Deployment, whose image no node of the sandbox could run.

    Returns:
        A token of the operator's ServiceAccount.
    """
    objects = [m for m in installation(settings) if m["kind"] != DEPLOYMENTS.kind]
    async for _ in install(client, objects):
        pass
    definitions = [m["metadata"]["name"] for m in objects if m["kind"] == "CustomResourceDefinition"]
    await established(client, definitions, patience=PATIENCE)
    return await token(client)


async def token(client: Client) -> str:
    """A token of the operator's ServiceAccount, good for a day."""
    answer = await client.request(
        "POST",
        f"/api/v1/namespaces/{SETTINGS.namespace}/serviceaccounts/{NAME}/token",
        body={
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 86400},
        },
    )
    return str(msgspec.json.decode(answer)["status"]["token"])


def write_kubeconfig(path: Path, admin: Path, token: str) -> Path:
    """The cluster of an administrator's kubeconfig with the operator's own token."""
    config = yaml.safe_load(admin.read_text())
    config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return path


@asynccontextmanager
async def operating(
    admin: Path,
    directory: Path,
    *,
    election: bool = True,
    flags: Sequence[str] = (),
    velero_namespace: str = SETTINGS.velero_namespace,
) -> AsyncIterator[Operator]:
    """Install Holdfast in a cluster and run one operator there.

    Args:
        admin: an administrator's kubeconfig.
        directory: for its kubeconfig and its log.
        election: whether it has to be elected.
        flags: more of them.
        velero_namespace: where it acts on Velero's objects.
    """
    settings = replace(SETTINGS, velero_namespace=velero_namespace)
    async with Client(load_access(admin)) as client:
        token = await installed(client, settings)
    kubeconfig = write_kubeconfig(directory / "operator.kubeconfig", admin, token)
    log = directory / "operator.log"
    flags = (*flags, "--velero-namespace", velero_namespace)
    operator = Operator(kubeconfig, log, admin=admin, election=election, flags=flags)
    try:
        await operator.start()
        yield operator
    finally:
        operator.kill()
