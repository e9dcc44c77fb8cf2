"""A source of lists and watches that plays a script: for the informer's logic, not for what Kubernetes does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

import msgspec

from holdfast.kube.client import Page
from holdfast.kube.watching import Change

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast.kube.client import Client


class Meta(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""


class Thing(msgspec.Struct, frozen=True):
    metadata: Meta
    size: int = 0


def thing(name: str, version: int = 1, size: object = 0) -> msgspec.Raw:
    """A Thing as the server sends it, with more fields than anybody wants."""
    metadata = {"name": name, "namespace": "ns", "uid": f"uid-{name}", "resourceVersion": str(version)}
    return msgspec.Raw(msgspec.json.encode({"metadata": metadata, "size": size, "status": {"noise": [1, 2]}}))


def change(
    kind: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"], raw: msgspec.Raw | None, version: int
) -> Change[msgspec.Raw]:
    return Change(kind, raw, str(version))


@dataclass
class Listed:
    version: int
    pages: list[list[msgspec.Raw]]
    error: Exception | None = None  # after the pages


@dataclass
class Watched:
    changes: list[Change[msgspec.Raw]] = field(default_factory=list)
    error: Exception | None = None  # after the changes; without it the watch stays open


class Script:
    """Plays its steps in order, and then stays silent."""

    def __init__(self, *steps: Listed | Watched) -> None:
        self._steps = list(steps)
        self.asked: list[tuple[str, str]] = []  # ("list", "") or ("watch", version)
        self.over = asyncio.Event()

    @property
    def client(self) -> Client:
        return cast("Client", self)

    async def request(self, *_: str) -> bytes:
        return b'{"gitVersion": "v1.36.0"}'

    async def pages(self, *_: object, **__: object) -> AsyncIterator[Page]:
        self.asked.append(("list", ""))
        step = await self._next()
        assert isinstance(step, Listed)
        for items in step.pages:
            yield Page(items, str(step.version))
        if step.error:
            raise step.error

    async def watch(
        self, *_: object, resource_version: str, **__: object
    ) -> AsyncIterator[Change[msgspec.Raw]]:
        self.asked.append(("watch", resource_version))
        step = await self._next()
        assert isinstance(step, Watched)
        for one in step.changes:
            yield one
        if step.error:
            raise step.error
        await self._next()

    async def _next(self) -> Listed | Watched:
        if not self._steps:
            self.over.set()
            await asyncio.Event().wait()
        return self._steps.pop(0)
