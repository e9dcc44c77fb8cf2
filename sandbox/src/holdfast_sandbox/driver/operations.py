"""Which objects are being worked on, so that two calls do not meet on one of them.

CSI lets a driver answer ABORTED when the same thing is already under way, and the callers try again. No
call ever waits for another one here.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from holdfast_sandbox.driver.errors import Code, Refusal


class Operations:
    """Keys in use: alone (writers, deleters) or shared (readers of a source)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alone: set[str] = set()
        self._shared: Counter[str] = Counter()

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        with self._lock:
            if key in self._alone or self._shared[key]:
                raise Refusal(Code.ABORTED, f"an operation on {key} is under way: try again")
            self._alone.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._alone.remove(key)

    @contextmanager
    def shared(self, *keys: str) -> Iterator[None]:
        with ExitStack() as stack:
            for key in keys:
                stack.enter_context(self._share(key))
            yield

    @contextmanager
    def _share(self, key: str) -> Iterator[None]:
        with self._lock:
            if key in self._alone:
                raise Refusal(Code.ABORTED, f"an operation on {key} is under way: try again")
            self._shared[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._shared[key] -= 1
