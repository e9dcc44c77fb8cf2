"""A restore from its order to its report: step by step, and within a step many objects at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from holdfast.kube import errors, kinds
from holdfast.policy.restoring import order
from holdfast.policy.restoring.choosing import NAMESPACES, Choice
from holdfast.policy.restoring.order import Node, Step
from holdfast.restores.choosing import Chosen
from holdfast.restores.errors import NotRestorableError, UnreadableRequestError
from holdfast.restores.filling import Filler
from holdfast.restores.keeping import Replaced
from holdfast.restores.meeting import Meeting
from holdfast.restores.outcomes import Act, Outcome, Report
from holdfast.restores.owning import Owners
from holdfast.restores.placing import Placer
from holdfast.restores.sending import Sender
from holdfast.restores.serving import Served
from holdfast.restores.spaces import Spaces

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from holdfast.archive.locations import SavedBackup
    from holdfast.archive.paths import ItemKey
    from holdfast.kube.client import Client
    from holdfast.restores.choosing import Item
    from holdfast.restores.orders import Order

T = TypeVar("T")
Tell = Callable[[str, int, int], None]
"""What is being done, with how many objects so far, of how many; 0 if that is not known."""
_SIDE_BY_SIDE = 32
"""Objects that are on their way at a time."""
_OFTEN = 100


async def restore(
    client: Client,
    backup: SavedBackup,
    wanted: Order,
    tell: Tell = lambda *_: None,
    *,
    dry_run: bool = False,
) -> Report:
    """Put objects of a backup into a cluster.

    Args:
        client: the cluster.
        backup: where they are.
        wanted: which, and how.
        tell: is told now and then how far it is.
        dry_run: change nothing; the report says what would happen.

    Raises:
        UnreadableRequestError: what is wanted contradicts itself.
        NotRestorableError: volumes cannot be read, and nobody said that this does not matter.
        holdfast.archive.errors.ArchiveError: the backup cannot be read to its end.
        holdfast.kube.errors.KubeError, holdfast.store.errors.StoreError: one of both is out of reach.
    """
    choice = _choice(wanted, await client.discovery.everything())
    if problems := choice.problems():
        raise UnreadableRequestError("; ".join(problems))
    with Chosen(choice, lambda count: tell("Read", count, 0)) as chosen:
        await asyncio.to_thread(chosen.take, backup)
        filler = Filler(client, chosen, await asyncio.to_thread(backup.volumes), wanted)
        _refuse_collisions(chosen, wanted)
        lost = filler.lost()
        refused = [] if wanted.allow_missing_volumes else lost
        if refused and not dry_run:
            raise NotRestorableError(f"volumes are NOT RESTORABLE: {'; '.join(refused)}")
        report = await _Run(client, backup, wanted, chosen, filler, tell, dry_run=dry_run).go()
        report.refused = refused
        report.warnings[""] += [f"NOT RESTORABLE: {each}" for each in lost]
        return report


def _choice(wanted: Order, known: list[kinds.Kind]) -> Choice:
    def resolve(name: str) -> str | None:
        resource = kinds.find(known, name)
        return resource.qualified if resource else None

    return Choice(wanted.namespaces, wanted.resources, wanted.cluster_resources, wanted.selectors, resolve)


def _refuse_collisions(chosen: Chosen, wanted: Order) -> None:
    """Two objects must not come to one place, where one of them would be lost. Accounts are merged."""
    seen: set[ItemKey] = set()
    for item in chosen.items if wanted.mapping else ():
        if item.key.resource == "serviceaccounts":
            continue
        key = replace(item.key, namespace=wanted.change.namespace(item.key.namespace))
        if key in seen:
            raise UnreadableRequestError(
                f"two objects of the backup would become {key}: map their namespaces to different names"
            )
        seen.add(key)


class _Run:
    """One restore at work."""

    def __init__(
        self,
        client: Client,
        backup: SavedBackup,
        wanted: Order,
        chosen: Chosen,
        filler: Filler,
        tell: Tell,
        *,
        dry_run: bool,
    ) -> None:
        self._client, self._order, self._chosen, self._dry = client, wanted, chosen, dry_run
        self._tell = tell
        self._owners = Owners(client, chosen.items, wanted.mapping)
        sender = Sender(client, dry_run=dry_run)
        keep = Replaced(backup.store, wanted.name).keep
        meeting = Meeting(sender, wanted, chosen, self._owners, keep)
        self._placer = Placer(sender, wanted.change, chosen, self._owners, filler, meeting)
        self._served = Served(client.discovery)
        self._spaces = Spaces(client, self._targets(), wanted.change)
        self._late: list[tuple[Item, Outcome]] = []
        self._report = Report(len(chosen.items))

    def _targets(self) -> set[str]:
        names = {item.key.namespace or item.key.name for item in self._chosen.items if _is_placed(item)}
        return {self._order.change.namespace(name) for name in names}

    async def go(self) -> Report:
        """Put everything back."""
        await self._served.look()
        if self._dry:
            await self._spaces.look()
        for level, steps in groupby(self._steps(), key=lambda step: step[0].level):
            await self._begin(level)
            for _, items in steps:
                await self._side_by_side(items, self._place)
        self._owners.no_more_come()
        if not self._dry:
            await self._side_by_side(self._late, self._name_owners)
        for reason, count in self._chosen.left.items():
            self._report.left[reason.value] += count
        return self._report

    def _steps(self) -> list[tuple[Step, list[Item]]]:
        items = self._chosen.items
        nodes = [Node(i.key.resource, i.uid, tuple(o.uid for o in i.owners)) for i in items]
        found: dict[Step, list[Item]] = defaultdict(list)
        for item, step in zip(items, order.steps(nodes), strict=True):
            found[step].append(item)
        return sorted(found.items(), key=itemgetter(0))

    async def _begin(self, level: int) -> None:
        """See to it that what this level needs of the ones before it is there."""
        if self._dry:
            return
        if level == order.SPACES:
            await self._spaces.wait_for_the_going()
        elif level > order.SPACES:
            await self._spaces.make_missing()
            await self._served.wait_for(self._defined)

    @cached_property
    def _defined(self) -> set[str]:
        """Names of the definitions that come back."""
        return {i.key.name for i in self._chosen.items if order.level(i.key.resource) == order.DEFINITIONS}

    async def _side_by_side(self, things: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
        waiting = iter(things)

        async def worker() -> None:
            for thing in waiting:
                await act(thing)

        async with asyncio.TaskGroup() as group:
            for _ in range(_SIDE_BY_SIDE):
                group.create_task(worker())

    async def _place(self, item: Item) -> None:
        outcome = await self._outcome(item)
        self._report.outcomes.append(outcome)
        if outcome.unowned:
            self._late.append((item, outcome))
        if len(self._report.outcomes) % _OFTEN == 0:
            self._tell("Restored", len(self._report.outcomes), self._report.wanted)

    async def _outcome(self, item: Item) -> Outcome:
        space = self._order.change.namespace(item.key.namespace)
        key = replace(item.key, namespace=space)
        resource = self._served.find(item)
        if self._dry and (self._spaces.lacks(space) or (not resource and self._comes(item))):
            return self._placer.foreseen(item)
        if not resource:
            return Outcome(key, item.named, Act.FAILED, error=self._served.why_not(item))
        return await self._placer.place(item, resource)

    def _comes(self, item: Item) -> bool:
        """Whether the definition of its kind is in this restore."""
        return item.key.resource in self._defined

    async def _name_owners(self, late: tuple[Item, Outcome]) -> None:
        item, outcome = late
        resource, key = self._served.find(item), outcome.key
        if not resource:
            return
        try:
            references, lost = await self._owners.references(item)
            self._report.warnings[key.namespace] += lost
            body = {"metadata": {"uid": outcome.uid, "ownerReferences": references}}
            await self._client.patch(resource, key.name, body, key.namespace or None)
        except errors.KubeError as error:
            said = f"{item.kind}:{key.name} could not be told of its owner: {error}"
            self._report.warnings[key.namespace].append(said)


def _is_placed(item: Item) -> bool:
    """Whether it says which namespaces are needed."""
    return bool(item.key.namespace) or item.key.resource == NAMESPACES
