"""A tiny upstream, to see what the proxy does to requests and answers; it claims nothing about Kubernetes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from yarl import URL

from holdfast_sandbox.proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping


CREATOR = Path(__file__).with_name("creator.py")


class Upstream:
    """Remembers what reached it; watches send what is put into `events`, gated requests wait for `gate`."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.gate = asyncio.Event()
        self.left = asyncio.Event()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.reached.append((request.method, request.raw_path, await request.content.read()))
        self.headers.append(dict(request.headers))
        if request.query.get("watch") == "true":
            return await self._watch(request)
        if "gated" in request.path:
            await self.gate.wait()
        return web.json_response(
            {"number": len(self.reached)}, status=201 if request.method == "POST" else 200
        )

    async def _watch(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        try:
            while (event := await self.events.get()) is not None:
                await response.write(event)
        finally:
            self.left.set()
        await response.write_eof()
        return response


class Client:
    """An HTTP client that trusts the proxy."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url
        self.watches = contextlib.ExitStack()

    async def send(
        self, method: str, path: str, data: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        url = URL(self._url + path, encoded=True)
        async with self._session.request(method, url, data=data, headers=headers) as answer:
            return answer.status, json.loads(await answer.read())

    async def watch(self, path: str) -> aiohttp.ClientResponse:
        watch = await self._session.get(f"{self._url}{path}?watch=true")
        self.watches.callback(watch.close)
        return watch


@pytest.fixture
async def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
async def upstream_kubeconfig(upstream: Upstream, tmp_path: Path) -> AsyncIterator[Path]:
    server = web.Server(upstream.handle, handler_cancellation=True)
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "tiny", "user": "nobody"}}],
        "clusters": [{"name": "tiny", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
    }
    path = tmp_path / "upstream.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    yield path
    listening.close()
    await server.shutdown(0)


@pytest.fixture
async def proxy(upstream_kubeconfig: Path) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(upstream_kubeconfig) as proxy:
        yield proxy


@pytest.fixture
async def session(proxy: FaultProxy) -> AsyncIterator[aiohttp.ClientSession]:
    trust = ssl.create_default_context(cafile=str(proxy.ca_file))
    connector = aiohttp.TCPConnector(ssl=trust)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(10)) as session:
        yield session


@pytest.fixture
def client(session: aiohttp.ClientSession, proxy: FaultProxy) -> Iterator[Client]:
    client = Client(session, proxy.url)
    with client.watches:
        yield client


@pytest.fixture
async def create() -> AsyncIterator[Callable[..., Awaitable[asyncio.subprocess.Process]]]:
    """Start clients that create ConfigMaps; whatever is left of them dies with the test."""
    clients: list[asyncio.subprocess.Process] = []

    async def start(
        kubeconfig: Path, namespace: str, count: int, threads: int = 1
    ) -> asyncio.subprocess.Process:
        arguments = [str(CREATOR), str(kubeconfig), namespace, str(count), str(threads)]
        client = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdout=asyncio.subprocess.PIPE
        )
        clients.append(client)
        return client

    yield start
    for client in clients:
        if client.returncode is None:
            client.kill()
        await client.communicate()
