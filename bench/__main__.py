"""`make bench`: measures on this machine and writes its part of docs/benchmarks.md. Run it on a quiet machine."""

from __future__ import annotations

import asyncio
import os
import platform
from datetime import UTC, datetime
from importlib import metadata

from support.operators import installed

from bench.commands import RUNS, cpu_of
from bench.groups import EVERY, GROUPS, Measured, measure
from bench.pages import processor, put
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox

PARTS = ("aiohttp", "click", "msgspec", "rich")


async def listing() -> tuple[float, float, float]:
    """CPU time of `holdfast group list` against a running cluster."""
    async with Sandbox() as sandbox:
        async with Client(load_access(sandbox.kubeconfig)) as admin:
            await installed(admin)
        return await asyncio.to_thread(cpu_of, "group", "list", kubeconfig=sandbox.kubeconfig)


def machine() -> str:
    """Processor, memory, kernel and versions, in one paragraph."""
    versions = ", ".join(f"{part} {metadata.version(part)}" for part in PARTS)
    return (
        f"{processor()}, Linux {platform.release()},"
        f" Python {platform.python_version()}, {versions}; Kubernetes 1.36.1 and etcd 3.6 of the sandbox"
        f" (etcd without fsync). Load average at the start {os.getloadavg()[0]:.1f}"
    )


def page(
    said: str, help_time: tuple[float, float, float], list_time: tuple[float, float, float], m: Measured
) -> str:
    """The page; every figure in it was measured in this run."""
    kinds = "; ".join(f"{kind} {each:.2f}" for kind, each in m.calls_by_kind.items())
    rows = [
        ("snapshots seen", f"{m.snapshots}", ""),
        (
            "lateness of due snapshots, median / p99 / max",
            " / ".join(f"{t:.2f} s" for t in m.lateness),
            "p99 2 s",
        ),
        ("API calls a snapshot, without Events, Leases and watches", f"{m.calls_each:.2f}", "4"),
        (
            "calls a minute when nothing is due, without the Lease and watches",
            f"{m.idle_calls_a_minute:.0f}",
            "about 0",
        ),
        ("operator memory (RSS), now / peak", f"{m.memory:.0f} / {m.memory_peak:.0f} MB", "100 MB"),
        ("start of the process until all groups are reconciled", f"{m.restart:.2f} s", "3 s"),
        ("CPU of `holdfast --help`, min / median / max", _milliseconds(help_time), "150 ms"),
        ("CPU of `holdfast group list`, min / median / max", _milliseconds(list_time), "300 ms"),
    ]
    table = "\n".join(f"| {name} | {value} | {budget} |" for name, value, budget in rows)
    return f"""## SnapshotGroups

Measured by `make bench` on {datetime.now(UTC):%Y-%m-%d}. {said}, at the end {os.getloadavg()[0]:.1f}.

{GROUPS} groups, one tier each (`every: {EVERY} seconds`, `keep: 1`), on {GROUPS} claims of the sandbox's driver;
the API server, the CSI stack and the operator share the machine. Lateness is from the second of a slot until a watch
sees the snapshot. CPU is user and system time of the whole process, {RUNS} runs. One run;
expect ±20 % on a shared machine.

| what | measured | budget |
| --- | ---: | ---: |
{table}

Calls a snapshot by kind: {kinds}.
"""


def _milliseconds(times: tuple[float, float, float]) -> str:
    return " / ".join(f"{t:.0f}" for t in times) + " ms"


if __name__ == "__main__":
    said = machine()
    text = page(said, cpu_of("--help"), asyncio.run(listing()), asyncio.run(measure()))
    put("groups", text)
    print(text)
