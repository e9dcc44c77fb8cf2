"""What the demo plays on: a sandbox, Holdfast installed in it, and the operator under the rights it was given."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from holdfast.operator.manifests import Settings, installation
from holdfast.operator.manifests.settings import NAME
from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NAMESPACE = "shop"


@dataclass(frozen=True, slots=True)
class Stage:
    """A cluster with Holdfast in it."""

    sandbox: Sandbox

    async def kubectl(self, *words: str, input: str | None = None) -> str:  # noqa: A002
        """What kubectl prints, in the demo's namespace."""
        return await self.sandbox.kubectl("-n", NAMESPACE, *words, input=input)

    async def get(self, *words: str) -> dict[str, Any]:
        """An object, or a list of them."""
        found: dict[str, Any] = json.loads(await self.kubectl("get", *words, "-o", "json"))
        return found

    async def holdfast(self, *words: str) -> tuple[int, str]:
        """Exit code and output of a holdfast command, as a person would type it."""
        access = ("--kubeconfig", str(self.sandbox.kubeconfig), "-n", NAMESPACE)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "holdfast",
            *access,
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode().rstrip()

    async def volume(self, claim: str) -> Path:
        """The folder behind a claim."""
        bound = await self.get("pvc", claim)
        volume = await self.get("pv", bound["spec"]["volumeName"])
        return self.sandbox.volume_path(volume["spec"]["csi"]["volumeHandle"])


@asynccontextmanager
async def installed() -> AsyncIterator[Stage]:
    """A cluster from nothing, with kinds, rights and a running operator; everything is gone afterwards."""
    async with Sandbox() as sandbox:
        stage = Stage(sandbox)
        settings = Settings()
        objects = [o for o in installation(settings) if o["kind"] != "Deployment"]
        await sandbox.kubectl("apply", "--server-side", "-f", "-", input=yaml.safe_dump_all(objects))
        await sandbox.kubectl("wait", "--for=condition=Established", "crd", "--all")
        await sandbox.kubectl("create", "namespace", NAMESPACE)
        async with _operator(sandbox, settings):
            yield stage


@asynccontextmanager
async def _operator(sandbox: Sandbox, settings: Settings) -> AsyncIterator[None]:
    """The operator as a process, under its own ServiceAccount."""
    kubeconfig = sandbox.directory / "operator.kubeconfig"
    token = await sandbox.kubectl("-n", settings.namespace, "create", "token", NAME)
    access = yaml.safe_load(sandbox.kubeconfig.read_text())
    access["users"][0]["user"] = {"token": token.strip()}
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(yaml.safe_dump(access))
    log = await asyncio.to_thread((sandbox.directory / "operator.log").open, "wb")
    words = ("-m", "holdfast", "--kubeconfig", str(kubeconfig), "-n", settings.namespace, "operator")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=log, stderr=log)
    try:
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        log.close()
