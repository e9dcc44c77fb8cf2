"""What was scaled down brought back, the last one first, and waited for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from holdfast.claims import touching
from holdfast.claims.lowering import take
from holdfast.policy.quiescing import DELETE, OVER, State, Up, step_down, step_up
from holdfast.workloads import scaling

if TYPE_CHECKING:
    from holdfast.api.quiescing import WorkloadRecord
    from holdfast.claims.exchanging import Exchange
    from holdfast.workloads.scaling import Workload


async def bring_back(x: Exchange) -> float | None:
    """Give everything that was scaled down its replicas back; None when that is done."""
    for index in reversed(range(len(x.journal.status.workloads))):
        if wait := await _raise(x, index):
            return wait
    return None


async def unready(x: Exchange) -> str:
    """Which of the workloads are not back at work yet, in words for people; empty when all are."""
    said = []
    for record in x.journal.status.workloads:
        workload = await touching.read(x, record)
        if workload and workload.size.uid == record.uid and not workload.complete:
            said.append(f"{record.title} ({workload.ready} of {workload.size.replicas} ready)")
    return ", ".join(said)


def left(x: Exchange) -> str:
    """What was not brought back because somebody else had decided, to be appended to a message."""
    return "".join(f"; {r.note}" for r in x.journal.status.workloads if r.state == State.LEFT and r.note)


async def _raise(x: Exchange, index: int) -> float | None:
    while (record := x.journal.status.workloads[index]).state not in {*OVER, State.RECORDED}:
        workload = await touching.read(x, record)
        size = workload.size if workload else None
        step = step_up(State(record.state), record.uid, record.replicas, record.when_scaled, size)
        if workload is None or step is Up.LEAVE:
            await touching.note(x, index, state=State.LEFT, note=_decided(record, workload))
        elif wait := await _take(x, index, workload, step):
            return wait
    return None


async def _take(x: Exchange, index: int, workload: Workload, step: Up) -> float | None:
    record = x.journal.status.workloads[index]
    match step:
        case Up.LOWER:
            return await take(x, index, workload, step_down(State(record.state), record.uid, workload.size))
        case Up.RAISE:
            act = partial(scaling.set_replicas, x.client, workload, record.replicas)
            return await touching.attempt(x, record, act)
        case Up.POLICY:
            act = partial(scaling.set_when_scaled, x.client, workload, DELETE)
            return await touching.attempt(x, record, act)
        case _:
            await touching.note(x, index, state=State.UP)
            return None


def _decided(record: WorkloadRecord, workload: Workload | None) -> str:
    if workload is None or workload.size.uid != record.uid:
        return f"{record.title} was deleted meanwhile (it had {record.replicas} replicas)"
    kept = " and whenScaled Retain" if record.when_scaled != workload.size.when_scaled else ""
    return (
        f"{record.title} stays at the {workload.size.replicas} replicas{kept} that {workload.scaler} gave it"
        f" (it had {record.replicas})"
    )
