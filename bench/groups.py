"""A hundred SnapshotGroups under one operator: lateness, calls, memory, and how soon it is back after a restart."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from support import objects
from support.operators import Operator, installed
from support.waiting import until

from bench.watching import NAMESPACE, arrivals, memory, restart, spread
from holdfast.api.resource import CLAIMS, NAMESPACES, SNAPSHOT_GROUPS, SNAPSHOTS
from holdfast.api.storage import Claim, Snapshot
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox
from holdfast_sandbox.proxy import Call, FaultProxy, Match

GROUPS = 100
EVERY = 60
WATCHED = 2.0 * EVERY
_FREE = {"events", "leases"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one run; times in seconds, memory in MB."""

    snapshots: int
    lateness: tuple[float, float, float]
    """Median, 99th percentile, maximum."""
    calls_each: float
    calls_by_kind: dict[str, float]
    idle_calls_a_minute: float
    memory: float
    memory_peak: float
    restart: float


async def measure() -> Measured:
    """Start a cluster, load it, watch it."""
    async with (
        Sandbox() as sandbox,
        Client(load_access(sandbox.kubeconfig)) as admin,
        FaultProxy(sandbox.kubeconfig) as proxy,
    ):
        kubeconfig = proxy.kubeconfig(await installed(admin))
        operator = Operator(kubeconfig, sandbox.directory / "operator.log", admin=sandbox.kubeconfig)
        try:
            return await _measured(admin, proxy, operator)
        finally:
            operator.kill()


async def _measured(admin: Client, proxy: FaultProxy, operator: Operator) -> Measured:
    await _load(admin)
    await operator.start()
    await _settled(admin)
    async with arrivals(admin) as lateness:
        calls = await _calls_during(proxy, WATCHED)
    snapshots, by_kind = len(lateness), Counter(f"{c.verb} {c.resource}" for c in calls)
    now, peak = memory(operator.pid)
    await _pause_all(admin)
    idle = await _calls_during(proxy, 30.0)
    back = await restart(operator, GROUPS)
    return Measured(
        snapshots=snapshots,
        lateness=spread(lateness),
        calls_each=len(calls) / snapshots,
        calls_by_kind={kind: count / snapshots for kind, count in by_kind.most_common()},
        idle_calls_a_minute=len(idle) * 2.0,
        memory=now,
        memory_peak=peak,
        restart=back,
    )


async def _load(admin: Client) -> None:
    await admin.create(NAMESPACES, objects.manifest(NAMESPACES, NAMESPACE))
    schedule = [{"every": f"{EVERY} seconds", "keep": 1}]
    for number in range(GROUPS):
        await admin.create(CLAIMS, objects.claim(f"data-{number}"), NAMESPACE)
        body = objects.group(f"group-{number}", claim=f"data-{number}", schedule=schedule)
        await admin.create(SNAPSHOT_GROUPS, body, NAMESPACE)

    async def bound() -> bool:
        claims = await admin.list(CLAIMS, NAMESPACE, type=Claim)
        return all(c.bound for c in claims.items)

    await until(bound, 120)


async def _settled(admin: Client) -> None:
    """Every group has as many ready snapshots as it keeps, so that each new one retires an old one."""

    async def full() -> bool:
        listed = await admin.list(SNAPSHOTS, NAMESPACE, type=Snapshot)
        ready = Counter(s.group for s in listed.items if s.ready)
        return len(ready) == GROUPS and min(ready.values()) > 1

    await until(full, 4.0 * EVERY)


async def _calls_during(proxy: FaultProxy, seconds: float) -> list[Call]:
    before = len(proxy.calls)
    await asyncio.sleep(seconds)
    return [c for c in proxy.select(Match())[before:] if c.resource not in _FREE and c.verb != "watch"]


async def _pause_all(admin: Client) -> None:
    for number in range(GROUPS):
        await admin.patch(SNAPSHOT_GROUPS, f"group-{number}", {"spec": {"suspend": True}}, NAMESPACE)
    await asyncio.sleep(5)
