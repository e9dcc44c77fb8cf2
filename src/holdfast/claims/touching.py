"""One recorded workload read, noted in the journal, and changed.

The journal is confirmed between the look and the act: whoever slept until another had finished would else lower for
good what is up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.claims.exchanging import LATER, SOON
from holdfast.kube import errors
from holdfast.workloads import scaling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from holdfast.api.quiescing import WorkloadRecord
    from holdfast.claims.exchanging import Exchange
    from holdfast.workloads.scaling import Workload


async def read(x: Exchange, record: WorkloadRecord) -> Workload | None:
    """What bears the name of a recorded workload now."""
    try:
        resource = await x.client.discovery.kind(record.api_version, record.kind)
    except errors.NotFound:
        return None
    return await scaling.read(x.client, resource, record.namespace, record.name)


async def note(x: Exchange, index: int, **changes: Any) -> None:  # noqa: ANN401  (fields of WorkloadRecord)
    """Write down how far a workload is."""
    records = list(x.journal.status.workloads)
    records[index] = msgspec.structs.replace(records[index], **changes)
    await x.journal.record(workloads=records)


async def attempt(x: Exchange, record: WorkloadRecord, act: Callable[[], Awaitable[None]]) -> float | None:
    """Do it, if the journal is still ours; what was decided on an old view is refused, and is looked at again."""
    try:
        await x.journal.confirm()
        await act()
    except (errors.Conflict, errors.NotFound):
        return SOON / 4
    except (errors.Forbidden, errors.Invalid) as error:
        await x.journal.say(f"{record.title} cannot be scaled: {error}", blocked=True)
        return LATER
    return None
