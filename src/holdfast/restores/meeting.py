"""An object that should come back and is there already."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast.kube import errors
from holdfast.policy import naming
from holdfast.policy.restoring import conflicts
from holdfast.policy.restoring.conflicts import OnConflict
from holdfast.restores.outcomes import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdfast.archive.paths import ItemKey
    from holdfast.policy.restoring.conflicts import Verdict
    from holdfast.restores.choosing import Chosen, Item
    from holdfast.restores.orders import Order
    from holdfast.restores.outcomes import Outcome
    from holdfast.restores.owning import Owners
    from holdfast.restores.sending import Live, Made, Sender, Sent


class Meeting:
    """Deals with objects that are there, after the policy of the order."""

    def __init__(
        self,
        sender: Sender,
        wanted: Order,
        chosen: Chosen,
        owners: Owners,
        keep: Callable[[ItemKey, Mapping[str, Any]], None],
    ) -> None:
        """Nothing was met yet.

        Args:
            sender: makes the requests.
            wanted: what is restored, and how.
            chosen: what comes back.
            owners: whose children there are.
            keep: stores an object that is deleted to be made anew; blocks.
        """
        self._sender, self._order, self._chosen, self._owners = sender, wanted, chosen, owners
        self._keep = keep
        self._asked: dict[str, OnConflict] = {}
        self._own = wanted.change.labels

    async def deal(self, sent: Sent, live: Live) -> Outcome:
        """Leave it, change it, or put it in place of another. Raises as the client does."""
        if live["metadata"].get("deletionTimestamp"):
            return await self._after(sent, live)
        if self._owners.made_by_owner(sent.item, live):
            return sent.became(Act.UNCHANGED, live)
        asked, saved = self._on_conflict(sent.item), self._chosen.document(sent.item)
        verdict = conflicts.judge(sent.item.key.resource, live, saved, sent.body, asked)
        if verdict.act is None:
            return self._left(sent, live, verdict)
        there = await self._resolved(sent, live, verdict)
        return sent.became(
            Act.UPDATED,
            there,
            changes=verdict.differing,
            unowned=verdict.act is OnConflict.RECREATE and self._owners.some_come_later(sent.item),
        )

    async def _after(self, sent: Sent, live: Live) -> Outcome:
        """Made as soon as the one that is on its way out is gone."""
        if self._sender.dry:
            return sent.became(Act.CREATED, live, checked=False)
        try:
            await self._sender.gone(sent, live)
        except TimeoutError:
            said = (
                f"{sent.named} could not be restored: the one that is there is being deleted and does not go"
            )
            return sent.became(Act.FAILED, live, error=said)
        made = await self._sender.create(sent)
        return sent.became(Act.CREATED, made, unowned=self._owners.some_come_later(sent.item))

    def _on_conflict(self, item: Item) -> OnConflict:
        resource = item.key.resource
        if resource not in self._asked:
            by_kind = self._order.conflicts
            named = (way for name, way in by_kind.items() if name and naming.means(name, resource))
            self._asked[resource] = next(named, by_kind.get("", OnConflict.SKIP))
        return self._asked[resource]

    def _left(self, sent: Sent, live: Live, verdict: Verdict) -> Outcome:
        if verdict.fatal:
            said = f"{sent.named} could not be restored: {verdict.fatal}"
            return sent.became(Act.FAILED, live, error=said)
        if verdict.differing:
            said = (
                f"could not restore, {sent.named} already exists. "
                "Warning: the in-cluster version is different than the backed-up version"
            )
            return sent.became(Act.SKIPPED, live, warnings=(said,), changes=verdict.differing)
        labels = live["metadata"].get("labels") or {}
        ours = self._own.items() <= labels.items() and not self._sender.dry
        act = Act.CREATED if ours else Act.UNCHANGED
        return sent.became(act, live, unowned=ours and self._lacks_owner(sent, live))

    def _lacks_owner(self, sent: Sent, live: Live) -> bool:
        """Whether an earlier run has made it and not told it of its owners."""
        wanted = {each["uid"] for each in sent.body["metadata"].get("ownerReferences") or ()}
        there = {each["uid"] for each in live["metadata"].get("ownerReferences") or ()}
        return not wanted <= there or self._owners.some_come_later(sent.item)

    async def _resolved(self, sent: Sent, live: Live, verdict: Verdict) -> Live | Made:
        match verdict.act:
            case OnConflict.REPLACE:
                return await self._sender.replace(sent, live)
            case OnConflict.RECREATE:
                return await self._recreated(sent, live)
        patch = {**(verdict.patch or {})}
        version = {"resourceVersion": live["metadata"]["resourceVersion"]}
        return await self._sender.patch(sent, patch | {"metadata": patch.get("metadata", {}) | version})

    async def _recreated(self, sent: Sent, live: Live) -> Live | Made:
        """The old object is in the store before it goes, and comes back if the new one is refused."""
        if self._sender.dry:
            return live
        await asyncio.to_thread(self._keep, sent.key, live)
        await self._sender.remove(sent, live)
        try:
            return await self._sender.create(sent)
        except errors.ApiError:
            await self._sender.put_back(sent, live)
            raise
