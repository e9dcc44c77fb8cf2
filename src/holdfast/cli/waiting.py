"""Waiting until an object is as wanted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from holdfast.cli.errors import TooLateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
INTERVAL = 0.4
"""Seconds between two looks."""


async def until(look: Callable[[], Awaitable[T | None]], *, patience: float, what: str) -> T:
    """Look again and again until there is an answer.

    Args:
        look: gives None as long as it is not so yet.
        patience: seconds.
        what: what is waited for, for the message.

    Raises:
        TooLateError: there was none in time.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while (found := await look()) is None:
        if loop.time() > deadline:
            raise TooLateError(
                f"{what} did not come about within {patience:g} seconds",
                remedy="It may still; look again later, or give more time with --timeout.",
            )
        await asyncio.sleep(INTERVAL)
    return found
