"""What the demo plays on: a sandbox with a node, Holdfast installed in it, and an image of the application."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.images import load_program, program_at
from support.operators import operating

from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NAMESPACE = "shop"
SHOP = Path(__file__).with_name("shop.py")
PROGRAM = program_at(SHOP)


@dataclass(frozen=True, slots=True)
class Stage:
    """A cluster with Holdfast in it, and the image that its pods run."""

    sandbox: Sandbox
    image: str

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


@asynccontextmanager
async def installed() -> AsyncIterator[Stage]:
    """A cluster from nothing, with kinds, rights and a running operator; everything is gone afterwards.

    Raises:
        holdfast_sandbox.errors.Incapable: no pods can run on this machine.
    """
    async with Sandbox(node=True) as sandbox, operating(sandbox.kubeconfig, sandbox.directory):
        await sandbox.kubectl("create", "namespace", NAMESPACE)
        yield Stage(sandbox, await load_program(sandbox, SHOP, sandbox.directory))
