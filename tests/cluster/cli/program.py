"""The program as a user runs it: a process, with its exit code and what it said."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

PATIENCE = 180.0  # seconds; a busy machine is slow


class Ended(NamedTuple):
    """How one run ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  (whatever it printed)
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The words of each line of a table, without the titles."""
        return [line.split() for line in self.out.splitlines()[1:]]


class Program:
    """`holdfast` against one cluster and namespace."""

    def __init__(self, kubeconfig: Path, namespace: str = "default") -> None:
        self._access = ["--kubeconfig", str(kubeconfig), "-n", namespace]
        self._kubeconfig, self.namespace = kubeconfig, namespace

    async def __call__(self, *arguments: str) -> Ended:
        return await ended(await self.start(*arguments))

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Without waiting for its end."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "holdfast", *self._access, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    async def shell(self, line: str, namespace: str) -> Ended:
        """A line of an example, in bash, where `holdfast` is on the PATH."""
        config = {"KUBECONFIG": str(self._kubeconfig)}
        path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        options = f'holdfast() {{ command holdfast -n {namespace} "$@"; }}; {line}'
        return await ended(
            await asyncio.create_subprocess_exec(
                *("bash", "-euc", options),
                env=os.environ | config | path,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )


async def ended(process: asyncio.subprocess.Process) -> Ended:
    """Its end, which must come in time."""
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert "Traceback" not in err.decode(), err.decode()
    return Ended(process.returncode or 0, out.decode(), err.decode())
