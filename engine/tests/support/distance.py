"""A server put far away: everything passes a proxy that holds it back, half of the delay in each direction.

So a request takes the delay longer, as over a long line. The line is as wide as the machine can make it: TCP's slow
start and its losses are not there.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 2**18
ON_THE_WAY = 256
"""Pieces in one direction of a connection."""


@contextmanager
def distant(port: int, delay: float) -> Iterator[int]:
    """A port of this machine behind which the server at `port` is `delay` seconds away."""
    ready: Future[tuple[int, Callable[[], object]]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(port, delay / 2, ready)), daemon=True)
    thread.start()
    here, end = ready.result()
    try:
        yield here
    finally:
        end()
        thread.join()


async def _serve(port: int, delay: float, ready: Future[tuple[int, Callable[[], object]]]) -> None:
    """Until it is told to end; says where it listens, and how it is told."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port, limit=PIECE)
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(_carry(reader, far_writer, delay))
                ways.create_task(_carry(far_reader, writer, delay))
        except* (ConnectionError, asyncio.CancelledError):
            far_writer.close()
            writer.close()

    ended = asyncio.Event()
    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=PIECE)
    end = partial(asyncio.get_running_loop().call_soon_threadsafe, ended.set)
    ready.set_result((int(server.sockets[0].getsockname()[1]), end))
    await ended.wait()
    server.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """One direction, to its end."""
    way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(ON_THE_WAY)
    async with asyncio.TaskGroup() as ends:
        ends.create_task(_depart(reader, way, delay))
        ends.create_task(_arrive(way, writer))


async def _depart(
    reader: asyncio.StreamReader, way: asyncio.Queue[tuple[float, bytes]], delay: float
) -> None:
    clock = asyncio.get_running_loop().time
    while piece := await reader.read(PIECE):
        await way.put((clock() + delay, piece))
    await way.put((clock() + delay, b""))


async def _arrive(way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due, piece = await way.get()
        await asyncio.sleep(due - clock())
        if not piece:
            writer.close()
            return
        writer.write(piece)
        await writer.drain()
