"""A witness of what becomes of the snapshots of several groups, who remembers what once was ready."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support import groups as looks

from holdfast.api import keys
from holdfast.api.resource import SNAPSHOTS

if TYPE_CHECKING:
    from datetime import timedelta

    from support.objects import Manifest
    from support.places import Place

_POLL = 0.2


@dataclass
class Sight:
    """What was seen of one group's snapshots so far."""

    patience: (
        timedelta  # after which an uncut one has failed, and may stand beside its successor for a moment
    )
    now: list[Manifest] = field(default_factory=list)
    ever_ready: dict[str, int] = field(default_factory=dict)  # uid to slot
    crowds: list[list[str]] = field(default_factory=list)  # not even cut, side by side
    lost: list[str] = field(default_factory=list)

    def look(self, snapshots: list[Manifest], promised: int) -> None:
        """Take in what there is; of the newest `promised` that ever were ready, none may be missing."""
        self.now = snapshots
        ready = {s["metadata"]["uid"]: looks.slot(s) for s in snapshots if looks.is_ready(s)}
        self.ever_ready |= ready
        newest = sorted(self.ever_ready, key=lambda uid: self.ever_ready[uid])[-promised:]
        self.lost += [f"{uid} of slot {self.ever_ready[uid]}" for uid in newest if uid not in ready]
        uncut = [s for s in snapshots if not looks.is_cut(s) and not looks.is_leaving(s)]
        youngest = max(map(looks.created, uncut), default=None)
        fresh = [s for s in uncut if youngest and looks.created(s) > youngest - self.patience]
        self.crowds += [looks.names(fresh)] if len(fresh) > 1 else []


class Witness:
    """Sees the snapshots of a place by consistent lists, one after the other; to be run beside a test.

    Args:
        place: where.
        promised: how many ready snapshots every group is to keep.
        patience: the groups' `readyWithin`, less a second for times that are cut to seconds.
    """

    def __init__(self, place: Place, promised: int, patience: timedelta) -> None:
        self.sights: dict[str, Sight] = defaultdict(lambda: Sight(patience))
        self._place, self._promised = place, promised

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(_POLL)

    async def look(self) -> None:
        listed = await self._place.client.list(SNAPSHOTS, self._place.namespace)
        found: dict[str, list[Manifest]] = defaultdict(list)
        for snapshot in listed.items:
            found[snapshot["metadata"]["annotations"][keys.GEMINI_GROUP]].append(snapshot)
        for name in found.keys() | self.sights.keys():
            self.sights[name].look(found[name], self._promised)
