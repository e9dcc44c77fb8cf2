"""How long to wait before the next attempt: arithmetic only, nothing here sleeps."""

from __future__ import annotations

import random

_DOUBLINGS = 32  # beyond this every delay is at its ceiling, and the power would only overflow


def jittered(seconds: float, spread: float = 0.2) -> float:
    """`seconds`, up to `spread` of it shorter or longer, so that many who wait do not come back as one."""
    return seconds * random.uniform(1 - spread, 1 + spread)  # noqa: S311 - not for secrets


class Backoff:
    """Delays in seconds that double from `first` to `most`, each with jitter."""

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._attempts = 0

    def next(self) -> float:
        """The delay before the next attempt."""
        delay = min(self._first * 2.0 ** min(self._attempts, _DOUBLINGS), self._most)
        self._attempts += 1
        return jittered(delay)

    def reset(self) -> None:
        """Start from `first` again: an attempt succeeded."""
        self._attempts = 0


class TokenBucket:
    """At most `burst` at once and `rate` a second in the long run."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._free_at = float("-inf")  # when the bucket, drained as it is, would be full again

    def reserve(self, now: float) -> float:
        """Take a token, possibly one of the future, and return the seconds until it is there."""
        self._free_at = max(self._free_at, now) + 1 / self._rate
        return max(0.0, self._free_at - now - self._burst / self._rate)
