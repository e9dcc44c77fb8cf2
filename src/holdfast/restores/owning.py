"""Owners of objects by their new UIDs.

An owner reference whose UID does not exist gets its object collected as garbage within seconds, so it is dropped
and reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.kube import errors
from holdfast.restores.outcomes import Act

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from holdfast.kube.client import Client
    from holdfast.restores.choosing import Item, OwnerRef
    from holdfast.restores.outcomes import Outcome


class Owners:
    """What became of UIDs."""

    def __init__(self, client: Client, items: Iterable[Item], mapping: Mapping[str, str]) -> None:
        """Nothing is known but who comes back.

        Args:
            client: the cluster, which is asked for owners that do not come back.
            items: everything that comes back.
            mapping: namespaces by their old names, with the new ones.
        """
        self._client, self._mapping = client, mapping
        self._coming = {item.uid for item in items if item.uid}
        self._new: dict[str, str] = {}
        self._made: set[str] = set()
        self._alive: dict[str, bool] = {}

    def learn(self, old: str, outcome: Outcome) -> None:
        """An object is there, under a new UID."""
        if old and outcome.uid:
            self._new[old] = outcome.uid
        if outcome.act is Act.CREATED:
            self._made.add(outcome.uid)

    async def references(self, item: Item) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """The owners that an object can have now, and a warning for each that is lost."""
        kept, lost = [], []
        for owner in item.owners:
            if uid := self._new.get(owner.uid):
                kept.append(_reference(owner, uid))
            elif owner.uid not in self._coming:
                if await self._lives(owner, item):
                    kept.append(_reference(owner, owner.uid))
                else:
                    lost.append(_lost(item, owner))
        return kept, tuple(lost)

    def no_more_come(self) -> None:
        """Everything has been dealt with: who is not there now failed."""
        self._coming = set()

    def some_come_later(self, item: Item) -> bool:
        """Whether an owner comes back that is not there yet."""
        return any(o.uid in self._coming and o.uid not in self._new for o in item.owners)

    def made_by_owner(self, item: Item, live: Mapping[str, Any]) -> bool:
        """Whether an object that is there was made by a controller that this restore has made."""
        controllers = {self._new.get(owner.uid) for owner in item.owners if owner.controller} & self._made
        owners = live["metadata"].get("ownerReferences") or ()
        return any(each.get("controller") and each.get("uid") in controllers for each in owners)

    async def _lives(self, owner: OwnerRef, item: Item) -> bool:
        if item.key.namespace in self._mapping:
            return False
        if owner.uid not in self._alive:
            self._alive[owner.uid] = await self._found(owner, item.key.namespace)
        return self._alive[owner.uid]

    async def _found(self, owner: OwnerRef, namespace: str) -> bool:
        try:
            resource = await self._client.discovery.kind(owner.api_version, owner.kind)
            where = namespace if resource.namespaced else None
            live: dict[str, Any] = await self._client.get(resource, owner.name, where)
        except (errors.NotFound, ValueError):
            return False
        return bool(live["metadata"]["uid"] == owner.uid)


def _reference(owner: OwnerRef, uid: str) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(owner)
    return fields | {"uid": uid}


def _lost(item: Item, owner: OwnerRef) -> str:
    return (
        f"{item.kind}:{item.key.name} comes back without its owner {owner.kind}:{owner.name}, which "
        "is not in this restore and not in the cluster"
    )
