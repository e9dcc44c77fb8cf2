"""What the demo plays on: a sandbox, Holdfast installed in it, and the operator under the rights it was given."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.operators import operating

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
    async with Sandbox() as sandbox, operating(sandbox.kubeconfig, sandbox.directory):
        await sandbox.kubectl("create", "namespace", NAMESPACE)
        yield Stage(sandbox)
