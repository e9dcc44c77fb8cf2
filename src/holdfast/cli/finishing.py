"""Runs a verb's coroutine to its end, or until Ctrl-C.

`asyncio.run` alone cancels from inside the signal's handler, which may be in the midst of a callback: a library that
has just seen its future pending then fails to complete it, and the user is shown its traceback. Here the loop cancels
between two callbacks. A second Ctrl-C does not wait for the loop.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run it.

    Raises:
        KeyboardInterrupt: SIGINT came; what the coroutine does on cancellation has been done.
    """
    try:
        asyncio.run(_until_interrupted(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _until_interrupted(work: Coroutine[Any, Any, None]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        task.cancel()

    loop.add_signal_handler(signal.SIGINT, stop)
    await task
