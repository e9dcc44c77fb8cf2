"""The workloads of a claim scaled down before its volume is exchanged.

Each is in the journal with what it has before it is touched, and goes through the states of `policy.quiescing`; every
pass looks at it anew, so that it does not matter who died in the midst of what.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from holdfast.api.quiescing import Quiesce, WorkloadRecord
from holdfast.claims import siblings, touching
from holdfast.claims.exchanging import LATER, SOON
from holdfast.claims.world import STOP_IT
from holdfast.policy.exchange import Phase
from holdfast.policy.quiescing import OVER, RETAIN, Down, Mode, State, patience, step_down
from holdfast.workloads import finding, scaling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.claims.exchanging import Exchange
    from holdfast.workloads.scaling import Workload


async def lower(x: Exchange) -> float | None:
    """Scale down what has to be, one after the other; None when nothing of it is left.

    In a set one does it for all, so that there is one record of what its workloads had.
    """
    if not siblings.bears(x):
        return None
    if wait := await _left_over(x) or await _record(x):
        return wait
    for index in range(len(x.journal.status.workloads)):
        if wait := await _lower(x, index):
            return wait
    return None


async def _left_over(x: Exchange) -> float | None:
    """Pods that are over would keep a claim from going when the application is down already: they go before that."""
    if any(r.state not in {State.RECORDED, *OVER} for r in x.journal.status.workloads):
        return None
    if said := await x.world.left_over(siblings.claims(x)):
        await x.journal.say(f"waits, before anything is stopped, for {said}", blocked=True)
        return SOON
    return None


async def _record(x: Exchange) -> float | None:
    """Write down what is found, before any of it is touched."""
    known, asked = x.journal.status.workloads, x.journal.spec.quiesce or Quiesce()
    found = await finding.find(x.client, x.journal.namespace, siblings.claims(x), asked)
    if found.refusals and not (known and asked.mode == Mode.LIST):
        await x.journal.say("; ".join(found.refusals), blocked=True)
        return LATER
    await x.journal.record(workloads=merged(known, map(_recorded, found.workloads)))
    return None


def _recorded(workload: Workload) -> WorkloadRecord:
    meta, resource = workload.object.metadata, workload.resource
    return WorkloadRecord(
        api_version=resource.api_version,
        kind=resource.kind,
        name=meta.name,
        namespace=meta.namespace,
        uid=meta.uid,
        replicas=workload.size.replicas,
        when_scaled=workload.size.when_scaled,
        state=State.RECORDED,
    )


def merged(known: Iterable[WorkloadRecord], found: Iterable[WorkloadRecord]) -> list[WorkloadRecord]:
    """What is known, and what is new or has been brought back since and has to go down from what it has now. Pure."""
    new = {r.uid: r for r in found}
    kept = [new.pop(r.uid, r) if r.state in OVER else r for r in known]
    there = {r.uid for r in kept}
    return [*kept, *(r for r in new.values() if r.uid not in there)]


async def _lower(x: Exchange, index: int) -> float | None:
    while True:
        record = x.journal.status.workloads[index]
        workload = await touching.read(x, record)
        step = step_down(State(record.state), record.uid, workload.size if workload else None)
        if workload is None or step is Down.DONE:
            return None
        if wait := await take(x, index, workload, step):
            return wait


async def take(x: Exchange, index: int, workload: Workload, step: Down) -> float | None:
    """Take one step down; None when it is taken."""
    record, size = x.journal.status.workloads[index], workload.size
    match step:
        case Down.SKIP:
            await touching.note(x, index, state=State.LEFT)
        case Down.MARK:
            had = {"replicas": size.replicas, "when_scaled": size.when_scaled}
            await touching.note(x, index, state=State.LOWERING, **had)
        case Down.RETAIN:
            return await touching.attempt(
                x, record, partial(scaling.set_when_scaled, x.client, workload, RETAIN)
            )
        case Down.LOWER:
            return await _set_to_none(x, index, workload)
        case Down.NOTE:
            await touching.note(x, index, state=State.DOWN)
        case Down.FIGHT:
            await x.journal.say(await _fight(x, record, workload), blocked=True)
            return LATER
        case _:
            await x.journal.say(f"waits for the pods of {record.title} to end")
            return SOON / 2
    return None


async def _set_to_none(x: Exchange, index: int, workload: Workload) -> float | None:
    """Noted at once, not after another look: from here on more than 0 is somebody else's doing."""
    record = x.journal.status.workloads[index]
    if wait := await touching.attempt(x, record, partial(scaling.set_replicas, x.client, workload, 0)):
        return wait
    await touching.note(x, index, state=State.DOWN)
    return None


async def _fight(x: Exchange, record: WorkloadRecord, workload: Workload) -> str:
    """Who undid it."""
    if not workload.size.replicas:
        writer = workload.object.metadata.writer
        return f"{record.title} has whenScaled Delete again, by {writer}: stop that and set Retain"
    scalers = await scaling.autoscalers(x.client, record.namespace, record.kind, record.name)
    also = f" (HorizontalPodAutoscaler {', '.join(scalers)} sizes it)" if scalers else ""
    return (
        f"{record.title} was scaled to {workload.size.replicas} again by {workload.scaler}{also}: stop that, set it"
        " to 0 and the restore goes on; or cancel"
    )


async def stranger(x: Exchange) -> str:
    """A pod that came after everything was on its way down, and who made it, in words; empty where there is none."""
    asked = x.journal.spec.quiesce or Quiesce()
    lowered = siblings.bears(x) or any(m.bears and m.safe for m in x.siblings.others)
    if asked.mode not in {Mode.AUTO, Mode.LIST} or not lowered:
        return ""
    since = next(p.at for p in x.journal.status.phases if p.phase == Phase.QUIESCE)
    found = await finding.newcomers(x.client, x.journal.namespace, {x.journal.spec.claim_name}, since)
    return f"{found[0]}: stop that, and the restore goes on; or cancel" if found else ""


def remedy(x: Exchange) -> str:
    """What ends the use of the claim by pods."""
    asked, own = x.journal.spec.quiesce or Quiesce(), siblings.member(x.journal.restore)
    scales = asked.mode in {Mode.AUTO, Mode.LIST} and not own.bears
    return f"restore {min(own.members)} of its set stops them" if scales else STOP_IT


def late(x: Exchange) -> bool:
    """Whether the present phase has lasted longer than it may."""
    asked = x.journal.spec.quiesce or Quiesce()
    longest = patience(asked.mode, asked.timeout)
    return longest is not None and x.clock.now() - x.journal.status.phases[-1].at > longest
