"""The proxy in a thread of its own, for tests whose event loop comes and goes, or that have none."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Self, TypeVar

from holdfast_sandbox.proxy.serving import FaultProxy

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from holdfast_sandbox.proxy.calls import Call, Match

T = TypeVar("T")


class ProxyThread:
    """`with ProxyThread(kubeconfig) as thread:` runs `thread.proxy`; the arguments are those of `FaultProxy`.

    Events that belong to actions are set in the proxy's loop: `thread.proxy.call(stall.release)`.
    """

    def __init__(
        self, upstream_kubeconfig: Path, directory: Path | None = None, *, as_admin: bool = False
    ) -> None:
        self.proxy = FaultProxy(upstream_kubeconfig, directory, as_admin=as_admin)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._run(self.proxy.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self._run(self.proxy.__aexit__(*raised))
        finally:
            self._stop()

    def wait_for(self, match: Match, count: int = 1, deadline: float = 10.0) -> list[Call]:
        """`FaultProxy.wait_for` for callers outside the proxy's loop; it blocks."""
        return self._run(self.proxy.wait_for(match, count, deadline))

    def _run(self, coroutine: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
