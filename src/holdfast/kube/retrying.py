"""What may be tried again, and after how long. Pure: who sleeps and who sends is `holdfast.kube.transport`.

A read is repeated after any passing failure. A write is repeated only where the server surely did not act: nothing
was sent, or it answered 429. Everything else surfaces, because whoever asked looks at the world again anyway.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from holdfast.kube import errors

ATTEMPTS = 5
_FIRST = 0.2
_LONGEST = 10.0
_PATIENCE = 60.0
_PASSING = frozenset({500, 502, 503, 504})


def may_retry(failure: errors.KubeError, *, reads: bool) -> bool:
    """Whether the same request may be sent again after this failure."""
    if isinstance(failure, errors.TooManyRequests):
        return (failure.retry_after or 0.0) <= _PATIENCE
    if isinstance(failure, errors.Unreachable):
        return reads or not failure.sent
    if isinstance(failure, errors.ServerFailure):
        return reads and failure.status in _PASSING and (failure.retry_after or 0.0) <= _PATIENCE
    return False


def pause(attempt: int, retry_after: float | None, draw: float, *, longest: float = _LONGEST) -> float:
    """Seconds until the next attempt: full jitter over a doubling range, on top of what the server asks for.

    Args:
        attempt: How many attempts failed so far, from 1.
        retry_after: Seconds that the server asks to wait.
        draw: A random number in [0, 1).
        longest: Where the range stops growing, in seconds.
    """
    spread = min(longest, _FIRST * 2.0 ** min(attempt - 1, 32))
    return (retry_after or 0.0) + draw * spread


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header, which is a number or an HTTP date; None where it says nothing usable."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def wait_asked(failure: errors.KubeError) -> float | None:
    """Seconds that the server asked to wait, where it did."""
    return failure.retry_after if isinstance(failure, errors.ApiError) else None
