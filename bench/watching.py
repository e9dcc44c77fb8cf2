"""What benchmarks of the operator look at: snapshots as they come, its memory, and how soon it is back."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from support.waiting import until

from holdfast.api.resource import SNAPSHOTS
from holdfast.api.storage import Snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.operators import Operator

    from holdfast.kube.client import Client

NAMESPACE = "bench"


@asynccontextmanager
async def arrivals(admin: Client) -> AsyncIterator[list[float]]:
    """Collects, for each snapshot that appears, how many seconds after its slot a watch saw it."""
    listed = await admin.list(SNAPSHOTS, NAMESPACE)
    late: list[float] = []

    async def collect() -> None:
        changes = admin.watch(SNAPSHOTS, NAMESPACE, resource_version=listed.resource_version, type=Snapshot)
        async for change in changes:
            if change.kind == "ADDED" and change.object is not None:
                slot = int(change.object.metadata.name.rsplit("-", 1)[1])
                late.append(time.time() - slot)

    task = asyncio.create_task(collect())
    yield late
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def spread(times: list[float]) -> tuple[float, float, float]:
    """Median, 99th percentile, maximum."""
    return statistics.median(times), statistics.quantiles(times, n=100, method="inclusive")[98], max(times)


async def restart(operator: Operator, groups: int) -> float:
    """Seconds from the start of the process until each of the groups was reconciled once."""
    await operator.stop()
    began = time.monotonic()
    operator.launch()
    await until(operator.ready, 30)

    async def all_reconciled() -> bool:
        found = re.search(
            r'holdfast_reconcile_seconds_count\{controller="groups"\} ([0-9.]+)', await operator.metrics()
        )
        return found is not None and float(found[1]) >= groups

    await until(all_reconciled, 60)
    return time.monotonic() - began


def memory(pid: int) -> tuple[float, float]:
    """Resident size now and at its peak, in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    now, peak = (int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) for name in ("VmRSS", "VmHWM"))  # type: ignore[index]
    return now / 1000, peak / 1000
