"""One object on its way into the cluster, and the requests that make, replace and remove it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any

from holdfast.api.meta import View
from holdfast.kube import errors
from holdfast.policy.differing import Change
from holdfast.restores.outcomes import Act, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from holdfast.api.resource import Resource
    from holdfast.archive.paths import ItemKey
    from holdfast.kube.client import Client
    from holdfast.restores.choosing import Item

Live = dict[str, Any]
_GOING = 60.0
"""Seconds that an object may take to go."""
_LOOK = 0.1


class MadeMetadata(View, frozen=True):
    uid: str = ""
    resource_version: str = ""


class Made(View, frozen=True):
    """An object that was just made."""

    metadata: MadeMetadata


@dataclass(frozen=True, slots=True)
class Sent:
    """An object on its way.

    Attributes:
        key: where it goes.
        resource: as the cluster serves it.
        body: what is sent.
        managers: of its fields, if somebody had applied it.
        warnings: what somebody should know if it is made.
    """

    item: Item
    key: ItemKey
    resource: Resource
    body: dict[str, Any]
    managers: list[dict[str, Any]]
    warnings: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        return f"{self.item.kind}:{self.key.name}"

    @property
    def where(self) -> str | None:
        return self.key.namespace or None

    def became(self, act: Act, there: Mapping[str, Any] | Made, **more: Any) -> Outcome:  # noqa: ANN401
        """The outcome, with the object that is there now."""
        made = there if isinstance(there, Made) else None
        meta = {} if isinstance(there, Made) else there["metadata"]
        uid = made.metadata.uid if made else meta.get("uid", "")
        version = made.metadata.resource_version if made else meta.get("resourceVersion", "")
        warnings = (self.warnings if act is Act.CREATED else ()) + more.pop("warnings", ())
        if self.key.resource == "secrets" and "changes" in more:
            more["changes"] = tuple(_hidden(more["changes"]))
        return Outcome(self.key, self.item.named, act, warnings=warnings, uid=uid, version=version, **more)


def _hidden(changes: Iterable[Change]) -> Iterable[Change]:
    """Which fields of a Secret differ, without what they hold."""
    return (Change(change.path, "(hidden)", "(hidden too)") for change in changes)


class Sender:
    """Requests of one restore."""

    def __init__(self, client: Client, *, dry_run: bool) -> None:
        self._client, self.dry = client, dry_run

    async def create(self, sent: Sent) -> Made:
        """Make it; errors as the client raises them."""
        return await self._client.create(sent.resource, sent.body, dry_run=self.dry, strict=False, type=Made)

    async def live(self, sent: Sent) -> Live:
        """The object of that name."""
        found: Live = await self._client.get(sent.resource, sent.key.name, sent.where)
        return found

    async def patch(self, sent: Sent, body: Mapping[str, Any]) -> Live:
        """Merge something into the object that is there."""
        return await self._client.patch(sent.resource, sent.key.name, body, sent.where, dry_run=self.dry)

    async def replace(self, sent: Sent, live: Live) -> Live:
        """Put it in the place of one that is there; owners of that one stay."""
        meta = live["metadata"]
        kept = {"ownerReferences": meta["ownerReferences"]} if meta.get("ownerReferences") else {}
        metadata = kept | sent.body["metadata"] | {"resourceVersion": meta["resourceVersion"]}
        return await self._client.replace(sent.resource, sent.body | {"metadata": metadata}, dry_run=self.dry)

    async def remove(self, sent: Sent, live: Live) -> None:
        """Delete this very object, and wait until it is gone; its dependents stay."""
        uid = live["metadata"]["uid"]
        await self._client.delete(sent.resource, sent.key.name, sent.where, uid=uid, propagation="Orphan")
        await self.gone(sent, live)

    async def gone(self, sent: Sent, live: Live) -> None:
        """Wait until an object that is on its way out is gone.

        Raises:
            TimeoutError: it is still there after a minute.
        """
        async with asyncio.timeout(_GOING):
            for pause in repeat(_LOOK):
                if not await self._is_there(sent, live["metadata"]["uid"]):
                    return
                await asyncio.sleep(pause)

    async def put_back(self, sent: Sent, live: Live) -> None:
        """Make an object again that was removed, as it was."""
        metadata = {
            name: value
            for name, value in live["metadata"].items()
            if name not in {"uid", "resourceVersion", "creationTimestamp", "managedFields"}
        }
        await self.create(replace(sent, body=live | {"metadata": metadata}))

    async def _is_there(self, sent: Sent, uid: str) -> bool:
        try:
            live = await self.live(sent)
        except errors.NotFound:
            return False
        return bool(live["metadata"]["uid"] == uid)
