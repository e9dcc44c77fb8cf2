"""Waiting for what a cluster will do: until a condition holds, or a deadline passes, never for a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
POLL = 0.05  # seconds
DEADLINE = 120.0  # seconds; a busy machine is slow


async def until(condition: Callable[[], Awaitable[T | None]], deadline: float = DEADLINE) -> T:
    """The first true value that `condition` gives.

    A missing object, a field that is not there and a failed assertion count as not yet.

    Args:
        condition: called and awaited again and again.
        deadline: seconds.

    Raises:
        AssertionError: it was never true; the message has the last value or error.
    """
    ends = asyncio.get_running_loop().time() + deadline
    while True:
        last = await _tried(condition)
        if last and not isinstance(last, Exception):
            return last
        if asyncio.get_running_loop().time() > ends:
            raise AssertionError(f"not within {deadline:.0f} s; the last result was {last!r}")
        await asyncio.sleep(POLL)


async def _tried(condition: Callable[[], Awaitable[T | None]]) -> T | Exception | None:
    try:
        return await condition()
    except (AssertionError, LookupError, errors.NotFound, errors.Unreachable, errors.ServerFailure) as error:
        return error
