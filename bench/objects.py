"""Objects of namespaces into a bucket and back, beside the real Velero, on one API server.

Restores are into namespaces of other names, so that nothing has to be deleted between them.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from support import objects
from support.veleros import velero

from holdfast.api.resource import NAMESPACES, SERVICE_ACCOUNTS, Resource
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.veleros import Velero

SPACES = 20
SIDE_BY_SIDE = 32
ROUNDS = 3
"""Of backups; a restore is made once."""
BEST = ("--client-qps=2000", "--client-burst=2000")
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")
ROLES = Resource("rbac.authorization.k8s.io", "v1", "roles", "Role")
_TEXT = "x" * 900


@dataclass(slots=True)
class Row:
    """One program at one task: seconds of each run, and the peak of its memory in MB."""

    seconds: list[float] = field(default_factory=list)
    memory: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@dataclass(slots=True)
class Measured:
    """Figures of one run of all."""

    items: int
    created: float
    """Objects that plain requests make a second."""
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)

    def row(self, task: str, who: str) -> Row:
        return self.rows.setdefault((task, who), Row())


async def measure(wanted: int) -> Measured:
    """Fill a cluster with so many objects, and let each program save and restore them."""
    async with Sandbox() as sandbox:
        rate = await _fill(sandbox, wanted)
        found = Measured(0, rate)
        names = count()
        for flags, who in (((), "velero"), (BEST, "velero, best flags")):
            folder = sandbox.directory / f"velero-{len(flags)}"
            folder.mkdir()
            async with velero(sandbox, folder, *flags) as real:
                for _ in range(ROUNDS):
                    await _theirs_saved(found, real, who, f"b{next(names)}")
                    await _ours(found, sandbox, "backup", f"b{next(names)}")
                backup = f"b{next(names)}"
                found.items = (await real.backup(backup, _included("load")))["status"]["progress"][
                    "totalItems"
                ]
                await _theirs_restored(found, real, who, backup, f"t{len(flags)}")
                await _ours(found, sandbox, "restore", f"o{len(flags)}", backup)
        return found


def _included(prefix: str) -> str:
    return "--include-namespaces=" + ",".join(_spaces(prefix))


def _spaces(prefix: str) -> list[str]:
    return [f"{prefix}-{number:02}" for number in range(SPACES)]


def _mapped(prefix: str) -> str:
    pairs = zip(_spaces("load"), _spaces(prefix), strict=True)
    return "--namespace-mappings=" + ",".join(f"{old}:{new}" for old, new in pairs)


def _bodies(wanted: int) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Nine of ten are ConfigMaps of 1.3 kB."""
    spaces = _spaces("load")
    for number in range(wanted):
        metadata = {"namespace": spaces[number % SPACES], "labels": {"app": "load"}}
        kind: Resource = CONFIG_MAPS
        fields: dict[str, Any] = {"data": {"text": _TEXT}}
        if number % 10 == 0:
            kind, fields = ((SECRETS, {}), (ROLES, {"rules": []}), (SERVICE_ACCOUNTS, {}))[number // 10 % 3]
        yield kind, objects.manifest(kind, f"o{number}", metadata=metadata, **fields)


async def _fill(sandbox: Sandbox, wanted: int) -> float:
    async with Client(load_access(sandbox.kubeconfig)) as client:
        for name in _spaces("load"):
            await client.create(NAMESPACES, objects.manifest(NAMESPACES, name))
        waiting = _bodies(wanted)

        async def worker() -> None:
            for kind, body in waiting:
                await client.create(kind, body)

        started = time.monotonic()
        await asyncio.gather(*(worker() for _ in range(SIDE_BY_SIDE)))
        return wanted / (time.monotonic() - started)


async def _theirs_saved(found: Measured, real: Velero, who: str, name: str) -> None:
    started = time.monotonic()
    await real.backup(name, _included("load"))
    _note(found.row("backup", who), time.monotonic() - started, real.memory())


async def _theirs_restored(found: Measured, real: Velero, who: str, backup: str, prefix: str) -> None:
    started = time.monotonic()
    await real("restore", "create", prefix, "--from-backup", backup, _mapped(prefix), "--wait")
    _note(found.row("restore", who), time.monotonic() - started, real.memory())


async def _ours(found: Measured, sandbox: Sandbox, task: str, name: str, backup: str = "") -> None:
    flags = [_included("load")] if task == "backup" else ["--from-backup", backup, _mapped(name)]
    command = [sys.executable, "-m", "holdfast", "--kubeconfig", str(sandbox.kubeconfig)]
    seconds, memory = await asyncio.to_thread(_run, [*command, task, "create", name, *flags])
    _note(found.row(task, "holdfast"), seconds, memory)


def _run(command: Iterable[str]) -> tuple[float, float]:
    words = list(command)
    started = time.monotonic()
    pid = os.posix_spawnp(words[0], words, os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(words[:6])} … ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


def _note(row: Row, seconds: float, memory: float) -> None:
    row.seconds.append(seconds)
    row.memory = max(row.memory, memory)
