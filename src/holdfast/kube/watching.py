"""Watches that outlive their connections.

A watch asks for bookmarks, gives up a connection that stays silent for longer than these take to come, and resumes
where it was. It never lists: when the history it needs is gone, the caller is told so and lists again, with jitter.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Literal

import msgspec

from holdfast.kube import errors, retrying
from holdfast.kube.wire import T, decode

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from holdfast.kube.requests import Request
    from holdfast.kube.transport import Transport

SILENCE = 90.0
_LIFETIME = (300, 600)
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What happened to one object.

    Attributes:
        kind: What happened; a BOOKMARK says only how far the watch has come.
        object: The object as of `resource_version`, for DELETED its last state; None with a BOOKMARK.
        resource_version: Where a later watch can start.
    """

    kind: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: T | None
    resource_version: str


class Lines:
    """Cuts a stream of chunks into lines of any length."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes."""
        *ends, rest = chunk.split(b"\n")
        if not ends:
            self._begun.append(rest)
            return []
        ends[0] = b"".join([*self._begun, ends[0]])
        self._begun = [rest]
        return [line for line in ends if line]


async def watch(
    transport: Transport,
    listing: Request,
    decoded: type[T],
    *,
    resource_version: str,
    silence: float = SILENCE,
) -> AsyncGenerator[Change[T], None]:
    """Every change after a resource version, over as many connections as it takes.

    Args:
        transport: The way to the server.
        listing: The list request whose objects are watched.
        decoded: What objects are decoded to.
        resource_version: Of the list that this watch continues.
        silence: Seconds without a byte after which a connection is replaced.

    Raises:
        Gone: the history after `resource_version` is no longer kept: list again.
        ApiError: the server refused, or kept failing.
        AccessError: there are no credentials to show.
    """
    fruitless = 0
    wait: float | None
    while True:
        fruitless, wait = fruitless + 1, None
        try:
            async with transport.open(_resumed(listing, resource_version), silence=silence) as answer:
                lines = Lines()
                async for chunk in answer.content.iter_any():
                    for line in lines.feed(chunk):
                        change = read(line, decoded, listing.asked)
                        fruitless, resource_version = 0, change.resource_version
                        yield change
        except errors.KubeError as failure:
            if not _passing(failure, fruitless):
                raise
            wait = retrying.wait_asked(failure)
        if fruitless:
            await asyncio.sleep(
                retrying.pause(fruitless, wait, random.random(), longest=_LONGEST_PAUSE)  # noqa: S311
            )


class _Event(msgspec.Struct):
    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
    object: msgspec.Raw


class _Meta(msgspec.Struct, rename="camel"):
    resource_version: str


class _Versioned(msgspec.Struct):
    metadata: _Meta


def read(line: bytes, decoded: type[T], asked: str = "") -> Change[T]:
    """The change that one line of a watch reports.

    Raises:
        ApiError: it reports an error instead.
    """
    event = decode(line, _Event, asked)
    if event.type == "ERROR":
        raise errors.from_answer(0, bytes(event.object), asked=asked)
    version = decode(event.object, _Versioned, asked).metadata.resource_version
    if event.type == "BOOKMARK":
        return Change("BOOKMARK", None, version)
    return Change(event.type, decode(event.object, decoded, asked), version)


def _resumed(listing: Request, resource_version: str) -> Request:
    parameters = {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": resource_version,
        "timeoutSeconds": str(random.randint(*_LIFETIME)),  # noqa: S311
    }
    return replace(listing, params={**listing.params, **parameters})


def _passing(failure: errors.KubeError, fruitless: int) -> bool:
    if isinstance(failure, errors.ServerFailure):
        return fruitless < retrying.ATTEMPTS
    return isinstance(failure, (errors.Unreachable, errors.TooManyRequests))
