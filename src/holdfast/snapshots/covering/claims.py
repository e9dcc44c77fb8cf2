"""One claim: sees to it that it has the SnapshotGroup that covers it, and no second one.

Touches only groups that Holdfast made, and deletes none: what a group has kept outlives the reason why it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, SNAPSHOT_GROUPS
from holdfast.control.controlling import Result
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.kube import errors
from holdfast.policy.covering import Covering, cover
from holdfast.snapshots.covering import making
from holdfast.snapshots.covering.reading import can_cover, is_made, read_claim, read_rule
from holdfast.snapshots.facts import groups_on

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.policies import ClusterSnapshotPolicy
    from holdfast.control.informing import Informer
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.snapshots.rivals import Rivals
    from holdfast.snapshots.views import ClaimGlance, NamespaceGlance, StatefulSetGlance, VolumeGlance


@dataclass(frozen=True, slots=True)
class Caches:
    """The informers that a choice comes from."""

    policies: Informer[ClusterSnapshotPolicy]
    claims: Informer[ClaimGlance]
    namespaces: Informer[NamespaceGlance]
    groups: Informer[SnapshotGroup]
    stateful_sets: Informer[StatefulSetGlance]
    volumes: Informer[VolumeGlance]


class CoverReconciler:
    """Gives claims their groups."""

    def __init__(self, client: Client, caches: Caches, rivals: Rivals, recorder: Recorder) -> None:
        self._client = client
        self._caches = caches
        self._rivals = rivals
        self._recorder = recorder
        self._told: dict[Key, str] = {}

    async def reconcile(self, key: Key) -> Result:
        claim = self._caches.claims.cache.get(key)
        if claim is None or claim.metadata.deletion_timestamp:
            self._told.pop(key, None)
            return Result()
        if self._rivals.live():
            return Result(after=self._rivals.silent_in())
        groups = groups_on(self._caches.groups, self._caches.claims, self._caches.stateful_sets, key)
        covering = self._cover(claim, groups)
        self._tell(key, claim, covering)
        if not covering.stays:
            await self._provide(key, covering, [g for g in groups if is_made(g)])
        return Result()

    def _cover(self, claim: ClaimGlance, groups: list[SnapshotGroup]) -> Covering:
        namespace = self._caches.namespaces.cache.get(Key("", claim.metadata.namespace))
        rules = (read_rule(p) for p in self._caches.policies.cache.all() if can_cover(p))
        volume = self._caches.volumes.cache.get(Key("", claim.spec.volume_name))
        return cover(read_claim(claim, volume, namespace, groups), rules)

    def _tell(self, key: Key, claim: ClaimGlance, covering: Covering) -> None:
        if covering.problem and self._told.get(key) != covering.problem:
            self._recorder.event(Reference.to(CLAIMS, claim), "Warning", "Unreadable", covering.problem)
        self._told[key] = covering.problem

    async def _provide(self, key: Key, covering: Covering, made: list[SnapshotGroup]) -> None:
        plan = self._plan(covering)
        if plan and not made:
            await self._make(key, plan)
        for group in made[:1] if plan else []:
            await self._adjust(group, plan or making.released(group, covering.reason))
        for group in made[1:] if plan else made:
            await self._adjust(group, making.released(group, covering.reason or "has another group already"))

    def _plan(self, covering: Covering) -> making.Plan | None:
        if covering.tiers:
            return making.by_annotation(covering.tiers, covering.volume)
        policy = self._caches.policies.cache.get(Key("", covering.policy))
        return making.by_policy(policy) if policy else None

    async def _make(self, key: Key, plan: making.Plan) -> None:
        taken = self._caches.groups.cache.get(key) is not None
        body = making.new_group(key.name, plan, taken=taken)
        try:
            await self._client.create(SNAPSHOT_GROUPS, body, key.namespace)
        except (errors.AlreadyExists, errors.NotFound):
            return
        except errors.Forbidden:
            if self._caches.namespaces.cache.get(Key("", key.namespace)):
                raise

    async def _adjust(self, group: SnapshotGroup, plan: making.Plan) -> None:
        """Change a group, unless somebody has made it his own meanwhile."""
        if making.is_as_planned(group, plan):
            return
        meta = group.metadata
        try:
            manifest = await self._client.get(SNAPSHOT_GROUPS, meta.name, meta.namespace)
            if manifest["metadata"]["uid"] == meta.uid and keys.SOURCE in manifest["metadata"].get(
                "annotations", {}
            ):
                await self._client.replace(SNAPSHOT_GROUPS, making.changed(manifest, plan))
        except errors.NotFound:
            return
