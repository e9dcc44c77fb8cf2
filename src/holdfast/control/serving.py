"""Pages for probes and scrapers: `/healthz` (it runs), `/readyz` (it knows the cluster), `/metrics`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client.exposition import choose_encoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from prometheus_client import CollectorRegistry

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    address: str,
    registry: CollectorRegistry,
    missing: Callable[[], list[str]],
    pages: Mapping[str, Handler] = MappingProxyType({}),
) -> AsyncIterator[int]:
    """Serve the three pages and others, and yield the port.

    Args:
        address: `host:port`; no host is every interface, port 0 is any free one.
        registry: what `/metrics` shows.
        missing: names what is still to come before the process is ready.
        pages: what answers at other paths.
    """
    application = _application(registry, missing)
    application.add_routes([web.get(path, handler) for path, handler in pages.items()])
    runner = web.AppRunner(application, handle_signals=False, access_log=None)
    await runner.setup()
    try:
        host, port = _parsed(address)
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _parsed(address: str) -> tuple[str | None, int]:
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        raise ValueError(
            f"health address {address!r} has no port; write it as host:port, such as 127.0.0.1:8080"
        )
    return host.strip("[]") or None, int(port)


def _application(registry: CollectorRegistry, missing: Callable[[], list[str]]) -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        if waiting := missing():
            return web.Response(status=503, text=f"waiting for {', '.join(waiting)}\n")
        return web.Response(text="ok\n")

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    application = web.Application()
    application.add_routes(
        [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)]
    )
    return application
