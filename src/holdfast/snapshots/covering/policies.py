"""One ClusterSnapshotPolicy: says how many claims it covers, how many of them are safe, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from holdfast.api import keys
from holdfast.api.meta import Condition, builtins, set_condition
from holdfast.api.resource import SNAPSHOT_POLICIES
from holdfast.control.controlling import Result
from holdfast.kube import errors
from holdfast.kube.client import PatchKind
from holdfast.snapshots.covering.making import policy_source
from holdfast.snapshots.covering.reading import problems

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.policies import ClusterSnapshotPolicy, PolicyStatus
    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.kube.client import Client
    from holdfast.snapshots.covering.claims import Caches

OFTEN = 5.0
"""Seconds between two counts: they change with every claim and every snapshot, and nobody waits for them."""


class PolicyReconciler:
    """Reports on policies."""

    def __init__(self, client: Client, caches: Caches, clock: Clock) -> None:
        self._client = client
        self._caches = caches
        self._clock = clock

    async def reconcile(self, key: Key) -> Result:
        policy = self._caches.policies.cache.get(key)
        if policy is None or policy.metadata.deletion_timestamp:
            return Result()
        status = report(policy, self._caches.groups.cache.all(), self._clock.now())
        if status != policy.status:
            await self._write(key.name, status)
        return Result(after=OFTEN)

    async def _write(self, name: str, status: PolicyStatus) -> None:
        patch = [{"op": "add", "path": "/status", "value": builtins(status)}]
        try:
            await self._client.patch(
                SNAPSHOT_POLICIES, name, patch, kind=PatchKind.JSON, subresource="status"
            )
        except errors.NotFound:
            return


def report(policy: ClusterSnapshotPolicy, groups: Iterable[SnapshotGroup], now: datetime) -> PolicyStatus:
    """Its status as of now."""
    source = policy_source(policy.metadata.name)
    notes = ((g, g.metadata.annotations) for g in groups)
    covered = [g for g, note in notes if note.get(keys.SOURCE) == source and keys.SUSPENDED not in note]
    return msgspec.structs.replace(
        policy.status,
        observed_generation=policy.metadata.generation,
        conditions=set_condition(policy.status.conditions, _accepted(policy), now),
        claims=len(covered),
        safe=sum(map(_is_safe, covered)),
    )


def _accepted(policy: ClusterSnapshotPolicy) -> Condition:
    found = "; ".join(problems(policy))
    return Condition(
        type="Accepted",
        status="False" if found else "True",
        reason="Unreadable" if found else "Valid",
        message=found,
        observed_generation=policy.metadata.generation,
    )


def _is_safe(group: SnapshotGroup) -> bool:
    return any(c.type == "Covered" and c.status == "True" for c in group.status.conditions)
