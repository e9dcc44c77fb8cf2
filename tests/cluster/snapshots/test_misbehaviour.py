"""A driver that misbehaves for fifty intervals: good snapshots stay, the trouble is named, it goes on by itself."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cluster.snapshots.watching import Witness
from support import groups as looks
from support.groups import tier
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from cluster.snapshots.apart import Apart
    from support.groups import Groups

    from holdfast_sandbox.driver.faults import Faults

pytestmark = pytest.mark.cluster

INTERVALS = 50
KEEP = 2
PROMISED = KEEP + 1
READY_WITHIN = timedelta(seconds=5)
PATIENCE = 150.0  # seconds for fifty intervals and the way back, on a busy machine
MIB = 1024 * 1024

LASTING: dict[str, Callable[[Faults, str], str]] = {  # nothing gets ready
    "never-ready": lambda faults, volume: faults.never_ready(handle=volume),
    "failing": lambda faults, volume: faults.fail_snapshots(handle=volume),
    "full": lambda faults, volume: faults.fill_pool(handle=volume),
}
PASSING: dict[str, Callable[[Faults, str], str]] = {  # it gets ready in the end
    "healthy": lambda *_: "",
    "slowly-ready": lambda faults, volume: faults.ready_after(3, handle=volume),
    "failing-thrice": lambda faults, volume: faults.fail_snapshots(handle=volume, calls=3),
    "losing-replies": lambda faults, volume: faults.lose_replies("CreateSnapshot", handle=volume, calls=3),
    "growing": lambda faults, volume: faults.report_bigger(MIB, handle=volume),
    "deleting-slowly": lambda faults, volume: faults.slow_deletes(20, handle=volume),
    "refusing-deletes": lambda faults, volume: faults.refuse_deletes(handle=volume),
}
MODES = LASTING | PASSING


@asynccontextmanager
async def witnessed(of: Groups) -> AsyncIterator[Witness]:
    witness = Witness(of.place, PROMISED, READY_WITHIN - timedelta(seconds=1))
    task = asyncio.create_task(witness.run())
    try:
        yield witness
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def started(of: Groups, name: str) -> str:
    """A group that holds what its schedule promises; the handle of its volume."""
    await of.place.claim(name)
    await of.make(
        name, tier("1 second", KEEP), claim=name, retention={"readyWithin": f"{READY_WITHIN.seconds}s"}
    )
    await of.ready(PROMISED, name, deadline=PATIENCE)
    return str((await of.place.volume(name))["spec"]["csi"]["volumeHandle"])


async def test_in_each_way_a_driver_may_misbehave_for_fifty_intervals_the_good_snapshots_stay(
    away: Groups, apart: Apart
) -> None:
    handles = dict(zip(MODES, await asyncio.gather(*(started(away, name) for name in MODES)), strict=True))
    async with witnessed(away) as witness:
        await witness.look()
        begun = {name: max(sight.ever_ready.values()) for name, sight in witness.sights.items()}
        for name, disturb in MODES.items():
            disturb(apart.sandbox.faults, handles[name])

        await away.state("Late", "never-ready", saying="overdue: 1 second", deadline=PATIENCE)
        await away.state("Failing", "failing", saying="the driver says", deadline=PATIENCE)
        await away.state("Failing", "full", saying="pool is full", deadline=PATIENCE)
        for name in PASSING:
            await reached(witness, name, begun[name] + INTERVALS)
        apart.sandbox.faults.clear()
        for name in MODES:
            await reached(witness, name, max(witness.sights[name].ever_ready.values()) + 1)
            await away.state("Safe", name)
    assert {name: sight.lost for name, sight in witness.sights.items() if sight.lost} == {}
    assert {name: sight.crowds for name, sight in witness.sights.items() if sight.crowds} == {}


async def reached(witness: Witness, name: str, slot: int) -> None:
    """Wait until a snapshot of that slot or a later one was ready."""

    async def was_ready() -> bool:
        return max(witness.sights[name].ever_ready.values()) >= slot

    await until(was_ready, PATIENCE)


async def test_a_driver_without_list_snapshots_is_no_hindrance(away: Groups, apart: Apart) -> None:
    apart.sandbox.faults.hide_list_snapshots()
    await relearned(apart)
    try:
        await away.place.claim("data")
        await away.make("backups", tier("1 second", KEEP))
        first = (await away.ready(PROMISED))[0]
        await away.state("Safe")
        await until(lambda: retired(away, first["metadata"]["name"]))
    finally:
        apart.sandbox.faults.clear()
        await relearned(apart)


async def relearned(apart: Apart) -> None:
    """The sidecar asks the driver for its capabilities only when it starts."""
    await apart.sandbox.stop("snapshotter")
    await apart.sandbox.start("snapshotter")


async def retired(of: Groups, name: str) -> bool:
    return name not in looks.names(await of.snapshots())
