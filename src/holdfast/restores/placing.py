"""One object into the cluster: one POST, and more only where there is an object already or more to put back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any

from holdfast.api.meta import View
from holdfast.archive.paths import ItemKey
from holdfast.kube import errors
from holdfast.kube.client import PatchKind
from holdfast.policy import naming
from holdfast.policy.labelling import label_value
from holdfast.policy.restoring import conflicts
from holdfast.policy.restoring.conflicts import OnConflict
from holdfast.policy.restoring.preparing import RESTORE_LABEL, MalformedError, prepared
from holdfast.restores.outcomes import Act, Outcome
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client
    from holdfast.restores.choosing import Chosen, Item
    from holdfast.restores.filling import Filler
    from holdfast.restores.orders import Order
    from holdfast.restores.owning import Owners

_GOING = 60.0
"""Seconds that an object may take to go."""
_LOOK = 0.1
_TRIES, _PAUSE = 3, 1.0
"""So often a request without an answer is made again, after so many seconds."""
_PORT_TAKEN = "provided port is already allocated"


class _MadeMetadata(View, frozen=True):
    uid: str = ""
    resource_version: str = ""


class _Made(View, frozen=True):
    metadata: _MadeMetadata


@dataclass(frozen=True, slots=True)
class _Sent:
    """An object on its way."""

    item: Item
    key: ItemKey
    resource: Resource
    body: dict[str, Any]
    managers: list[dict[str, Any]]
    """Of its fields, if somebody had applied it."""
    warnings: tuple[str, ...] = ()

    def outcome(self, act: Act, live: Mapping[str, Any] | None = None, **more: Any) -> Outcome:  # noqa: ANN401
        meta = (live or {}).get("metadata", {})
        warnings = (self.warnings if act is Act.CREATED else ()) + more.pop("warnings", ())
        ids = {"uid": meta.get("uid", ""), "version": meta.get("resourceVersion", "")}
        return Outcome(self.key, self.item.named, act, warnings=warnings, **(ids | more))

    @property
    def named(self) -> str:
        return f"{self.item.kind}:{self.key.name}"


class Placer:
    """Puts objects of one restore back; errors of the server become outcomes."""

    def __init__(
        self,
        client: Client,
        wanted: Order,
        chosen: Chosen,
        owners: Owners,
        filler: Filler,
        keep: Callable[[ItemKey, Mapping[str, Any]], None],
        *,
        dry_run: bool,
    ) -> None:
        """A placer for one run.

        Args:
            client: the cluster.
            wanted: what is restored, and how.
            chosen: what comes back.
            owners: learns the new UIDs, and knows what they replace.
            filler: makes what claims are filled from.
            keep: stores an object that is deleted to be made anew; blocks.
            dry_run: ask the server what would happen, and change nothing.
        """
        self._client, self._order, self._owners, self._dry = client, wanted, owners, dry_run
        self._chosen, self._filler, self._keep = chosen, filler, keep
        self._asked: dict[str, OnConflict] = {}

    async def place(self, item: Item, resource: Resource) -> Outcome:
        """Make the object, or deal with the one that is there.

        Args:
            item: which one.
            resource: as the cluster serves it.
        """
        try:
            outcome = await self._dealt_with(item, resource)
        except (errors.KubeError, StoreError, MalformedError, ValueError, TimeoutError) as error:
            key = replace(item.key, namespace=self._order.change.namespace(item.key.namespace))
            said = f"{item.kind}:{item.key.name} could not be restored: {error}"
            outcome = Outcome(key, item.named, Act.FAILED, error=said)
        self._owners.learn(item.uid, outcome)
        return outcome

    async def _dealt_with(self, item: Item, resource: Resource) -> Outcome:
        sent = await self._prepared(item, resource)
        for _ in range(_TRIES):
            try:
                outcome = await self._placed(sent)
                break
            except errors.Unreachable:
                await asyncio.sleep(_PAUSE)  # it may have been made nevertheless: then it bears our name
        else:
            outcome = await self._placed(sent)
        if outcome.act is Act.CREATED and not self._dry:
            await self._filler.fill(item, sent.key.namespace)
        return outcome

    async def _prepared(self, item: Item, resource: Resource) -> _Sent:
        saved = self._chosen.document(item)
        managers = _applied(saved)
        body = prepared(saved, item.key.resource, self._order.change)
        references, lost = await self._owners.references(item)
        if references:
            body["metadata"]["ownerReferences"] = references
        warnings = lost + self._filler.prepare(item, body)
        meta = body["metadata"]
        key = ItemKey(item.key.resource, meta.get("namespace", ""), meta["name"])
        return _Sent(item, key, resource, body, managers, warnings)

    async def _placed(self, sent: _Sent) -> Outcome:
        try:
            return await self._made(sent)
        except errors.AlreadyExists:
            return await self._met(sent)

    async def _made(self, sent: _Sent) -> Outcome:
        try:
            made = await self._create(sent.body, sent.resource)
        except errors.Invalid as error:
            if _PORT_TAKEN not in str(error) or not _without_ports(sent.body):
                raise
            made = await self._create(sent.body, sent.resource)
            said = f"{sent.named} got other node ports: those that it had are taken"
            sent = replace(sent, warnings=(*sent.warnings, said))
        if sent.managers and not self._dry:
            await self._give_managers_back(sent)
        return sent.outcome(Act.CREATED, uid=made.metadata.uid, version=made.metadata.resource_version)

    async def _create(self, body: Mapping[str, Any], resource: Resource) -> _Made:
        return await self._client.create(resource, body, dry_run=self._dry, strict=False, type=_Made)

    async def _give_managers_back(self, sent: _Sent) -> None:
        """So that whoever applied it owns its fields again, and can take them out."""
        body = {"metadata": {"managedFields": sent.managers}}
        await self._client.patch(sent.resource, sent.key.name, body, sent.key.namespace or None)

    async def _met(self, sent: _Sent) -> Outcome:
        """An object of that name is there."""
        where = sent.key.namespace or None
        live: dict[str, Any] = await self._client.get(sent.resource, sent.key.name, where)
        labels = live["metadata"].get("labels") or {}
        if labels.get(RESTORE_LABEL) == label_value(self._order.name) and not self._dry:
            return sent.outcome(Act.CREATED, live)
        if self._owners.made_by_owner(sent.item, live):
            return sent.outcome(Act.UNCHANGED, live)
        asked, saved = self._on_conflict(sent.item), self._chosen.document(sent.item)
        verdict = conflicts.judge(sent.item.key.resource, live, saved, sent.body, asked)
        if verdict.act is None:
            return _left(sent, live, verdict)
        await self._resolve(sent, live, verdict)
        return sent.outcome(Act.UPDATED, live, changes=verdict.differing)

    def _on_conflict(self, item: Item) -> OnConflict:
        resource = item.key.resource
        if resource not in self._asked:
            by_kind = self._order.conflicts
            named = (way for name, way in by_kind.items() if name and naming.means(name, resource))
            self._asked[resource] = next(named, by_kind.get("", OnConflict.SKIP))
        return self._asked[resource]

    async def _resolve(self, sent: _Sent, live: dict[str, Any], verdict: conflicts.Verdict) -> None:
        meta, where = live["metadata"], sent.key.namespace or None
        match verdict.act:
            case OnConflict.PATCH:
                patch = {**(verdict.patch or {})}
                patch["metadata"] = {**patch.get("metadata", {}), "resourceVersion": meta["resourceVersion"]}
                await self._client.patch(
                    sent.resource, sent.key.name, patch, where, kind=PatchKind.MERGE, dry_run=self._dry
                )
            case OnConflict.REPLACE:
                body = sent.body | {
                    "metadata": sent.body["metadata"] | {"resourceVersion": meta["resourceVersion"]}
                }
                await self._client.replace(sent.resource, body, dry_run=self._dry)
            case OnConflict.RECREATE:
                await self._recreate(sent, live)

    async def _recreate(self, sent: _Sent, live: dict[str, Any]) -> None:
        """Its dependents (pods, claims) stay; the old object is in the store before it goes."""
        if self._dry:
            return
        await asyncio.to_thread(self._keep, sent.key, live)
        where, uid = sent.key.namespace or None, live["metadata"]["uid"]
        await self._client.delete(sent.resource, sent.key.name, where, uid=uid, propagation="Orphan")
        async with asyncio.timeout(_GOING):
            for pause in repeat(_LOOK):
                if not await self._is_there(sent, uid):
                    break
                await asyncio.sleep(pause)
        await self._create(sent.body, sent.resource)

    async def _is_there(self, sent: _Sent, uid: str) -> bool:
        try:
            live: dict[str, Any] = await self._client.get(
                sent.resource, sent.key.name, sent.key.namespace or None
            )
        except errors.NotFound:
            return False
        return bool(live["metadata"]["uid"] == uid)


def _left(sent: _Sent, live: Mapping[str, Any], verdict: conflicts.Verdict) -> Outcome:
    if verdict.fatal:
        return sent.outcome(Act.FAILED, live, error=f"{sent.named} could not be restored: {verdict.fatal}")
    if not verdict.differing:
        return sent.outcome(Act.UNCHANGED, live)
    said = (
        f"could not restore, {sent.named} already exists. "
        "Warning: the in-cluster version is different than the backed-up version"
    )
    return sent.outcome(Act.SKIPPED, live, warnings=(said,), changes=verdict.differing)


def _applied(saved: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who managed which fields of the object itself, if somebody did by server-side apply."""
    entries = [e for e in saved["metadata"].get("managedFields") or () if not e.get("subresource")]
    return entries if any(entry.get("operation") == "Apply" for entry in entries) else []


def _without_ports(service: dict[str, Any]) -> bool:
    """Take out the ports of nodes; whether there were any."""
    spec = service.get("spec", {})
    found = [port.pop("nodePort", None) for port in spec.get("ports") or ()]
    return any([*found, spec.pop("healthCheckNodePort", None)])
