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
    if asyncio.run(_interruptible(work)):
        raise KeyboardInterrupt


async def _interruptible(work: Coroutine[Any, Any, None]) -> bool:
    """Whether SIGINT came before its end."""
    interrupted = asyncio.Event()
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupted.set()
        loop.call_soon_threadsafe(task.cancel)

    before = signal.signal(signal.SIGINT, stop)
    await asyncio.gather(task, return_exceptions=True)
    signal.signal(signal.SIGINT, before)
    if not interrupted.is_set():
        await task
    return interrupted.is_set()
