"""A thousand groups with ten thousand snapshots under one operator: what a large cluster costs."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support import objects
from support.operators import Operator, installed, write_kubeconfig
from support.waiting import until

from bench.watching import NAMESPACE, arrivals, memory, restart, spread
from holdfast.api import keys
from holdfast.api.resource import CLAIMS, NAMESPACES, SNAPSHOT_GROUPS, SNAPSHOTS
from holdfast.api.storage import Claim, Snapshot
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from holdfast.api.resource import Resource

GROUPS, HISTORY = 1_000, 9
EVERY = 600  # seconds
PATIENCE = 1_800.0
AT_ONCE = 8
LISTINGS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one run; times in seconds, memory in MB."""

    snapshots: int
    lateness: tuple[float, float, float]
    memory: tuple[float, float]
    """Now, at its peak."""
    restart: float
    listing: float
    """Wall time of `holdfast group list`, median."""


async def measure() -> Measured:
    """Fill a cluster, let groups take the snapshots over, and each of them take one more."""
    async with Sandbox() as sandbox, Client(load_access(sandbox.kubeconfig)) as admin:
        kubeconfig = write_kubeconfig(
            sandbox.directory / "operator.kubeconfig", sandbox.kubeconfig, await installed(admin)
        )
        operator = Operator(kubeconfig, sandbox.directory / "operator.log", admin=sandbox.kubeconfig)
        try:
            return await _measured(admin, operator, sandbox.kubeconfig)
        finally:
            operator.kill()


async def _measured(admin: Client, operator: Operator, kubeconfig: Path) -> Measured:
    await _fill(admin)
    await operator.start()
    async with arrivals(admin) as lateness:
        await _create(admin, SNAPSHOT_GROUPS, map(_group, range(GROUPS)))

        async def all_taken() -> bool:
            return len(lateness) >= GROUPS

        await until(all_taken, PATIENCE)
    used = memory(operator.pid)
    return Measured(
        snapshots=(GROUPS * HISTORY) + len(lateness),
        lateness=spread(lateness),
        memory=used,
        restart=await restart(operator, GROUPS),
        listing=await asyncio.to_thread(_listing, kubeconfig),
    )


async def _fill(admin: Client) -> None:
    """Claims, and for each the snapshots that a Gemini would have left."""
    await admin.create(NAMESPACES, objects.manifest(NAMESPACES, NAMESPACE))
    await _create(admin, CLAIMS, (objects.claim(f"data-{n}") for n in range(GROUPS)))

    async def bound() -> bool:
        claims = await admin.list(CLAIMS, NAMESPACE, type=Claim)
        return all(c.bound for c in claims.items)

    await until(bound, PATIENCE)
    now = int(time.time())
    stamps = [now - EVERY * (age + 1) for age in range(HISTORY)]
    await _create(admin, SNAPSHOTS, (_snapshot(n, stamp) for stamp in stamps for n in range(GROUPS)))

    async def ready() -> bool:
        snapshots = await admin.list(SNAPSHOTS, NAMESPACE, type=Snapshot)
        return all(s.ready for s in snapshots.items)

    await until(ready, PATIENCE)


def _group(number: int) -> objects.Manifest:
    schedule = [{"every": f"{EVERY // 60} minutes", "keep": HISTORY}]
    return objects.group(f"group-{number}", claim=f"data-{number}", schedule=schedule)


def _snapshot(number: int, stamp: int) -> objects.Manifest:
    group = f"group-{number}"
    notes = {
        keys.GEMINI_MANAGED_BY: keys.GEMINI_MANAGER,
        keys.GEMINI_GROUP: group,
        keys.GEMINI_TIMESTAMP: str(stamp),
        keys.GEMINI_INTERVALS: f"{EVERY // 60} minutes",
    }
    return objects.snapshot(f"{group}-{stamp}", f"data-{number}", annotations=notes)


async def _create(admin: Client, resource: Resource, bodies: Iterable[objects.Manifest]) -> None:
    waiting = iter(bodies)

    async def some() -> None:
        for body in waiting:
            await admin.create(resource, body, NAMESPACE)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(some())


def _listing(kubeconfig: Path) -> float:
    command = [
        sys.executable,
        "-m",
        "holdfast",
        "--kubeconfig",
        str(kubeconfig),
        "-n",
        NAMESPACE,
        "group",
        "list",
    ]
    return statistics.median(_wall(command) for _ in range(LISTINGS))


def _wall(command: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - began
