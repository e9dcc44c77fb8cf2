"""Puts together what makes groups for cluster-wide policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.policies import ClusterSnapshotPolicy
from holdfast.api.resource import NAMESPACES, SNAPSHOT_POLICIES, VOLUMES
from holdfast.control.controlling import Controller
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.recording import Reference
from holdfast.snapshots.covering.claims import Caches, CoverReconciler
from holdfast.snapshots.covering.policies import PolicyReconciler
from holdfast.snapshots.views import NamespaceGlance, VolumeGlance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.groups import SnapshotGroup
    from holdfast.control.clocks import Clock
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client
    from holdfast.snapshots import facts
    from holdfast.snapshots.rivals import Rivals

Part = Controller | Informer[ClusterSnapshotPolicy] | Informer[NamespaceGlance] | Informer[VolumeGlance]


def covering(
    client: Client, known: facts.Caches, rivals: Rivals, recorder: Recorder, clock: Clock, workers: int
) -> tuple[Part, ...]:
    """Informers and controllers, to be run beside those of the groups, whose caches they share."""
    caches = _caches(client, known, recorder)
    claims = Controller("covers", CoverReconciler(client, caches, rivals, recorder), workers=workers)
    policies = Controller("policies", PolicyReconciler(client, caches, clock), workers=1)
    _connect(claims, caches)
    policies.follow(caches.policies)
    return caches.policies, caches.namespaces, caches.volumes, claims, policies


def _caches(client: Client, known: facts.Caches, recorder: Recorder) -> Caches:
    def unreadable(key: Key, error: Exception) -> None:
        policy = Reference(SNAPSHOT_POLICIES.api_version, SNAPSHOT_POLICIES.kind, key.name)
        recorder.event(policy, "Warning", "Unreadable", f"this policy covers nothing: {error}")

    return Caches(
        policies=Informer(client, SNAPSHOT_POLICIES, ClusterSnapshotPolicy, on_invalid=unreadable),
        claims=known.claims,
        namespaces=Informer(client, NAMESPACES, NamespaceGlance),
        groups=known.groups,
        stateful_sets=known.stateful_sets,
        volumes=Informer(client, VOLUMES, VolumeGlance, keep=lambda v: bool(v.metadata.annotations.deltas)),
    )


def _connect(controller: Controller, caches: Caches) -> None:
    def all_claims(_: object) -> Iterable[Key]:
        return [Key.of(claim) for claim in caches.claims.cache.all()]

    def in_namespace(name: str) -> Iterable[Key]:
        return [Key.of(claim) for claim in caches.claims.cache.by("namespace", name)]

    def of_volume(volume: VolumeGlance) -> Iterable[Key]:
        return [Key.of(claim) for claim in caches.claims.cache.by("volume", volume.metadata.name)]

    def of_group(group: SnapshotGroup) -> Iterable[Key]:
        namespace = group.metadata.namespace
        return [Key(namespace, group.claim_name)] if group.claim_name else in_namespace(namespace)

    controller.follow(caches.claims)
    controller.follow(caches.groups, of_group)
    controller.follow(caches.volumes, of_volume)
    controller.follow(caches.policies, all_claims)
    controller.follow(caches.namespaces, lambda namespace: in_namespace(namespace.metadata.name))
