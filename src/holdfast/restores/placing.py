"""One object into the cluster: one POST, and more only where there is an object already or more to put back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from holdfast.archive.paths import ItemKey
from holdfast.kube import errors
from holdfast.policy.restoring.preparing import MalformedError, prepared
from holdfast.restores.outcomes import Act, Outcome
from holdfast.restores.sending import Sent
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.api.resource import Resource
    from holdfast.policy.restoring.preparing import Change
    from holdfast.restores.choosing import Chosen, Item
    from holdfast.restores.filling import Filler
    from holdfast.restores.meeting import Meeting
    from holdfast.restores.owning import Owners
    from holdfast.restores.sending import Sender

_TRIES, _PAUSE = 5, 1.0
"""So often it is tried again, after so many seconds where there was no answer."""
_PORT_TAKEN = "provided port is already allocated"


class Placer:
    """Puts objects of one restore back; errors of the server become outcomes."""

    def __init__(
        self, sender: Sender, change: Change, chosen: Chosen, owners: Owners, filler: Filler, meeting: Meeting
    ) -> None:
        """A placer for one run.

        Args:
            sender: makes the requests.
            change: what happens to objects on the way.
            chosen: what comes back.
            owners: learns the new UIDs, and knows what they replace.
            filler: makes what claims are filled from.
            meeting: deals with objects that are there.
        """
        self._sender, self._change, self._chosen = sender, change, chosen
        self._owners, self._filler, self._meeting = owners, filler, meeting

    async def place(self, item: Item, resource: Resource) -> Outcome:
        """Make the object, or deal with the one that is there.

        Args:
            item: which one.
            resource: as the cluster serves it.
        """
        try:
            outcome = await self._dealt_with(item, resource)
        except (errors.KubeError, StoreError, MalformedError, ValueError, TimeoutError) as error:
            said = f"{item.kind}:{item.key.name} could not be restored: {error}"
            outcome = Outcome(self._key(item), item.named, Act.FAILED, error=said)
        self._owners.learn(item.uid, outcome)
        return outcome

    def foreseen(self, item: Item) -> Outcome:
        """What a plan can say of an object that the server cannot check yet."""
        warnings = self._filler.prepare(item, self._chosen.document(item))
        return Outcome(self._key(item), item.named, Act.CREATED, warnings=warnings, checked=False)

    def _key(self, item: Item) -> ItemKey:
        return replace(item.key, namespace=self._change.namespace(item.key.namespace))

    async def _dealt_with(self, item: Item, resource: Resource) -> Outcome:
        sent = await self._prepared(item, resource)
        for _ in range(_TRIES):
            try:
                return await self._placed(sent)
            except errors.Conflict:
                continue  # somebody wrote to the one that is there: it is looked at anew
            except errors.Unreachable:
                await asyncio.sleep(_PAUSE)  # it may have been made nevertheless: then it bears our name
        return await self._placed(sent)

    async def _prepared(self, item: Item, resource: Resource) -> Sent:
        saved = self._chosen.document(item)
        managers = _applied(saved)
        body = prepared(saved, item.key.resource, self._change)
        references, lost = await self._owners.references(item)
        if references:
            body["metadata"]["ownerReferences"] = references
        warnings = lost + self._filler.prepare(item, body)
        meta = body["metadata"]
        key = ItemKey(item.key.resource, meta.get("namespace", ""), meta["name"])
        return Sent(item, key, resource, body, managers, warnings)

    async def _placed(self, sent: Sent) -> Outcome:
        try:
            outcome, claim = await self._made(sent), sent.body
        except errors.AlreadyExists:
            claim = await self._sender.live(sent)
            outcome = await self._meeting.deal(sent, claim)
        if outcome.act is Act.CREATED and not self._sender.dry:
            await self._filler.fill(sent.item, sent.key.namespace, claim)
        return outcome

    async def _made(self, sent: Sent) -> Outcome:
        try:
            made = await self._sender.create(sent)
        except errors.Invalid as error:
            if _PORT_TAKEN not in str(error) or not _without_ports(sent.body):
                raise
            made = await self._sender.create(sent)
            said = f"{sent.named} got other node ports: those that it had are taken"
            sent = replace(sent, warnings=(*sent.warnings, said))
        if sent.managers and not self._sender.dry:  # whoever applied it owns its fields again
            await self._sender.patch(sent, {"metadata": {"managedFields": sent.managers}})
        return sent.became(Act.CREATED, made, unowned=self._owners.some_come_later(sent.item))


def _applied(saved: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who managed which fields of the object itself, if somebody did by server-side apply."""
    entries = [e for e in saved["metadata"].get("managedFields") or () if not e.get("subresource")]
    return entries if any(entry.get("operation") == "Apply" for entry in entries) else []


def _without_ports(service: dict[str, Any]) -> bool:
    """Take out the ports of nodes; whether there were any."""
    spec = service.get("spec", {})
    found = [port.pop("nodePort", None) for port in spec.get("ports") or ()]
    return any([*found, spec.pop("healthCheckNodePort", None)])
