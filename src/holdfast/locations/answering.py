"""ServerStatusRequests: which version answers. They go after a minute, if whoever asked has not removed them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import holdfast
from holdfast.api.requests import PROCESSED
from holdfast.api.velero import STATUS_REQUESTS
from holdfast.control.controlling import Result
from holdfast.kube import errors
from holdfast.locations.clearing import clear
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from holdfast.control.clocks import Clock
    from holdfast.control.keys import Key
    from holdfast.kube.client import Client
    from holdfast.locations.caches import Caches

KEPT = timedelta(minutes=1)
VERSION = f"holdfast-v{holdfast.__version__}"


class StatusReconciler:
    """Answers ServerStatusRequests."""

    def __init__(self, client: Client, caches: Caches, clock: Clock) -> None:
        self._client, self._caches, self._clock = client, caches, clock

    async def reconcile(self, key: Key) -> Result:
        request = self._caches.questions.cache.get(key)
        if request is None:
            return Result()
        now, since = self._clock.now(), request.status.processed_timestamp
        if request.status.phase == PROCESSED and since and since + KEPT <= now:
            await clear(self._client, STATUS_REQUESTS, request)
            return Result()
        if request.status.phase != PROCESSED:
            status = {"phase": PROCESSED, "processedTimestamp": instant(now), "serverVersion": VERSION}
            await self._answer(key, status)
        return Result(after=KEPT.total_seconds())

    async def _answer(self, key: Key, status: dict[str, str]) -> None:
        try:
            await self._client.patch(STATUS_REQUESTS, key.name, {"status": status}, key.namespace)
        except errors.NotFound:
            return
