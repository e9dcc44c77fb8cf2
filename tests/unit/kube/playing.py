"""A peer that plays a script over TCP: for what our transport does with it, not for what Kubernetes does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from holdfast.kube.access import Access
from holdfast.kube.credentials import Fixed, Identity
from holdfast.kube.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast.kube.credentials import Credentials


@dataclass(frozen=True)
class Reply:
    """Bytes, and whether the connection is cut after them, or kept open in silence."""

    content: bytes = b""
    cut: bool = False
    silent: bool = False


CUT = Reply(cut=True)


def answer(status: int = 200, body: object = None, **headers: str) -> Reply:
    content = msgspec.json.encode(body if body is not None else {})
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return Reply(
        f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(content)}\r\n{head}\r\n".encode() + content
    )


def stream(*lines: bytes, end: bool = False, cut: bool = False) -> Reply:
    """A chunked answer: ended well, cut, or left open without another byte."""
    chunks = b"".join(f"{len(line):x}\r\n".encode() + line + b"\r\n" for line in lines)
    tail = b"0\r\n\r\n" if end else b""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return Reply(head + chunks + tail, cut=cut, silent=not (end or cut))


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    replies: list[Reply]
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        method, path, _ = first.split(" ")
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append(Seen(method, path, headers, body))
        reply = self.replies.pop(0)
        writer.write(reply.content)
        await writer.drain()
        if reply.silent:
            await reader.read()
        return not (reply.cut or reply.silent)


@asynccontextmanager
async def playing(*replies: Reply) -> AsyncIterator[Peer]:
    peer = Peer(list(replies))
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    async with server:
        peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield peer


@asynccontextmanager
async def transport_to(
    url: str, credentials: Credentials | None = None, sleeps: list[float] | None = None
) -> AsyncIterator[Transport]:
    async def sleep(seconds: float) -> None:
        if sleeps is not None:
            sleeps.append(seconds)

    access = Access(server=url, credentials=credentials or Fixed(Identity()))
    async with Transport(access, user_agent="test/1", sleep=sleep) as transport:
        yield transport
