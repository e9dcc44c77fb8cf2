"""The work queue between informers and workers.

It holds keys, not events: however often a key is added while it waits, it is handed out once, and a key
that is added while a worker has it is handed out once more afterwards, never to two workers at the same
time. What a key means and what is to be done about it is decided by whoever takes it, from the state of the
world at that moment.

What was put off until a moment goes before what has merely changed: somebody counts on that moment.

Nothing survives the process. That is no loss: at the next start the informers add every key again.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from holdfast.control.measuring import Metrics
from holdfast.control.pacing import Backoff, TokenBucket

if TYPE_CHECKING:
    from collections.abc import Hashable

K = TypeVar("K", bound="Hashable")

FIRST_RETRY, LAST_RETRY = 0.005, 60.0  # seconds
RETRIES_PER_SECOND, RETRY_BURST = 10.0, 100
DUE: Final = 0
CHANGED: Final = 1


class _Waiting(NamedTuple):
    """Since when (loop time) a key has to be worked on, and what it goes before."""

    since: float
    rank: int


class Queue(Generic[K]):
    """Keys that wait for a worker, now or later. Only for use within one event loop."""

    def __init__(self, name: str = "", metrics: Metrics | None = None) -> None:
        self._name = name
        self._ready: asyncio.PriorityQueue[tuple[int, int, K | None]] = asyncio.PriorityQueue()
        self._arrivals = count()
        self._dirty: dict[K, _Waiting] = {}
        self._active: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._backoffs: dict[K, Backoff] = {}
        self._bucket = TokenBucket(RETRIES_PER_SECOND, RETRY_BURST)
        self._closed = False
        self.measure(metrics or Metrics())

    def measure(self, metrics: Metrics) -> None:
        """Publish depth, adds and latency in `metrics` from now on."""
        self._depth = metrics.depth.labels(self._name)
        self._adds = metrics.adds.labels(self._name)
        self._latency = metrics.latency.labels(self._name)

    def __len__(self) -> int:
        """How many keys wait for a worker at this moment, without those whose time has not come."""
        return len(self._dirty)

    def add(self, key: K) -> None:
        """Have the key worked on as soon as possible."""
        self._add(key, CHANGED)

    def add_after(self, key: K, seconds: float) -> None:
        """Have the key worked on after `seconds`; of several delays the one that ends first counts."""
        self._add_after(key, seconds, DUE)

    def add_rate_limited(self, key: K) -> None:
        """Have the key worked on again after a failure: later with each, and not too many keys at once."""
        backoff = self._backoffs.setdefault(key, Backoff(FIRST_RETRY, LAST_RETRY))
        now = asyncio.get_running_loop().time()
        self._add_after(key, max(backoff.next(), self._bucket.reserve(now)), CHANGED)

    def forget(self, key: K) -> None:
        """The key succeeded: its next failure is its first."""
        self._backoffs.pop(key, None)

    async def get(self) -> K | None:
        """Wait for a key, which is the caller's until `done`; None when the queue is shut down."""
        _, _, key = await self._ready.get()
        if key is None or self._closed:
            self._hand_out(DUE, None)  # for the next one who waits
            return None
        self._active.add(key)
        self._latency.observe(asyncio.get_running_loop().time() - self._dirty.pop(key).since)
        self._depth.set(len(self._dirty))
        return key

    def done(self, key: K) -> None:
        """Give a key back; if it was added meanwhile, it is handed out again."""
        self._active.discard(key)
        if key in self._dirty:
            self._hand_out(self._dirty[key].rank, key)

    def shut_down(self) -> None:
        """Hand out nothing any more, take nothing any more, and let go of everybody who waits."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._hand_out(DUE, None)

    def _add(self, key: K, rank: int) -> None:
        if self._closed or key in self._dirty:
            return
        self._dirty[key] = _Waiting(asyncio.get_running_loop().time(), rank)
        self._adds.inc()
        self._depth.set(len(self._dirty))
        if key not in self._active:
            self._hand_out(rank, key)

    def _hand_out(self, rank: int, key: K | None) -> None:
        self._ready.put_nowait((rank, next(self._arrivals), key))

    def _add_after(self, key: K, seconds: float, rank: int) -> None:
        if self._closed:
            return
        if seconds <= 0:
            self._add(key, rank)
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        timer = self._timers.get(key)
        if timer is not None and timer.when() <= due:
            return
        if timer is not None:
            timer.cancel()
        self._timers[key] = loop.call_at(due, self._fire, key, rank)

    def _fire(self, key: K, rank: int) -> None:
        del self._timers[key]
        self._add(key, rank)
