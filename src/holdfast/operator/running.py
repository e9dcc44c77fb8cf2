"""The operator's process: access, logs, caches, controllers, put together and run until a signal."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import (
    ATTACHMENTS,
    CLAIMS,
    GROUP_SNAPSHOT_CLASSES,
    GROUP_SNAPSHOTS,
    PODS,
    SNAPSHOT_CLASSES,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    STATEFUL_SETS,
    VOLUME_RESTORES,
)
from holdfast.api.storage import GroupSnapshot, Snapshot, SnapshotClass
from holdfast.claims.measuring import RestoreMetrics
from holdfast.claims.reconciling import RestoreReconciler
from holdfast.control.clocks import SystemClock
from holdfast.control.controlling import Controller
from holdfast.control.electing import Election
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.managing import Manager
from holdfast.control.recording import Recorder, Reference
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast.locations.addressing import PATH, Addresses
from holdfast.operator import logs
from holdfast.operator.beside_velero import beside_velero
from holdfast.operator.covering import covering
from holdfast.operator.drilling import drilling
from holdfast.operator.locating import locating
from holdfast.operator.putting_back import putting_back
from holdfast.operator.restoring import connect_restores
from holdfast.operator.saving import saving
from holdfast.snapshots.facts import Caches, by_claim, by_group
from holdfast.snapshots.measuring import GroupMetrics
from holdfast.snapshots.reconciling import GroupReconciler
from holdfast.snapshots.rivals import Rivals, is_gemini
from holdfast.snapshots.views import (
    AttachmentGlance,
    ClaimGlance,
    PodGlance,
    RestoreGlance,
    StatefulSetGlance,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from holdfast.api.storage import Marked
    from holdfast.control.clocks import Clock

LEASE = "holdfast-operator"
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Options:
    """How the operator is started.

    Attributes:
        namespace: where its Lease is.
        velero_namespace: where Velero's objects are that it acts on.
        identity: its name in the Lease and the logs.
        election: False: it acts without being elected (a Lease only saves work).
        image: Holdfast's own, for pods that check checksums.
        health_address: `host:port` of /healthz, /readyz and /metrics; None for none.
        reached_at: how others reach these pages, `http://host:port`; None where they do not.
        workers: so many objects of a kind are worked on at a time.
        concurrent_backups: so many Backups are made at a time.
    """

    namespace: str
    velero_namespace: str
    identity: str
    image: str
    kubeconfig: Path | None = None
    context: str | None = None
    election: bool = True
    health_address: str | None = None
    reached_at: str | None = None
    log_format: str = "json"
    workers: int = 4
    concurrent_backups: int = 1


def run(options: Options) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        holdfast.kube.errors.KubeError: the cluster cannot be reached at all.
        holdfast.control.errors.ControlError: a part of the operator ended by itself.
    """
    logs.configure(options.log_format)
    asyncio.run(_serve(options))


async def _serve(options: Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    access = load_access(options.kubeconfig, options.context)
    async with Client(access, user_agent=f"holdfast-operator/{options.identity}") as client:
        manager = assemble(client, SystemClock(), options)
        await manager.run(stop)


def assemble(client: Client, clock: Clock, options: Options) -> Manager:
    """Everything that one operator runs."""
    registry = CollectorRegistry()
    election = Election(client, options.namespace, LEASE, options.identity) if options.election else None
    addresses = _addresses(client, clock, options)
    manager = Manager(
        client,
        identity=options.identity,
        election=election,
        health_address=options.health_address,
        registry=registry,
        pages={PATH: addresses.serve} if addresses else {},
    )
    recorder, rivals = Recorder(client, "holdfast"), Rivals(clock)
    caches = _caches(client, recorder)
    pods = Informer(client, PODS, PodGlance, keep=lambda pod: bool(pod.claims) or is_gemini(pod))
    attachments = Informer(client, ATTACHMENTS, AttachmentGlance)
    groups = Controller(
        "groups",
        GroupReconciler(client, caches, rivals, clock, recorder, GroupMetrics(registry)),
        workers=options.workers,
    )
    restores = Controller(
        "restores",
        RestoreReconciler(client, clock, recorder, RestoreMetrics(registry)),
        workers=options.workers,
    )
    _watch_rivals(caches, pods, rivals)
    _connect_groups(groups, caches, pods)
    connect_restores(restores, caches, pods, attachments)
    known = (caches.groups, caches.snapshots, caches.claims, caches.stateful_sets, caches.wholes)
    parts = (recorder, *known, caches.restores, caches.classes, caches.group_classes, pods, attachments)
    covers = covering(client, caches, rivals, recorder, clock, options.workers)
    drills = drilling(client, caches, recorder, clock, registry, options)
    beside = beside_velero(client, options.velero_namespace, recorder, clock)
    places = locating(beside, options.workers, addresses)
    saves, returns = saving(beside, options.concurrent_backups), putting_back(beside)
    for part in (*parts, groups, restores, *covers, *drills, *beside.informers, *places, *saves, *returns):
        manager.add(part)
    return manager


def _addresses(client: Client, clock: Clock, options: Options) -> Addresses | None:
    if not options.reached_at:
        return None
    return Addresses(client, clock, options.reached_at, options.namespace, options.velero_namespace)


def _caches(client: Client, recorder: Recorder) -> Caches:
    def unreadable(key: Key, error: Exception) -> None:
        group = Reference(SNAPSHOT_GROUPS.api_version, SNAPSHOT_GROUPS.kind, key.name, key.namespace)
        recorder.event(group, "Warning", "Unreadable", f"nothing is done for this group: {error}")

    return Caches(
        groups=Informer(
            client,
            SNAPSHOT_GROUPS,
            SnapshotGroup,
            indexes={
                "claim": lambda g: [by_claim(g.metadata.namespace, g.claim_name)] if g.claim_name else [],
                "sets": lambda g: [] if g.claim_name else [g.metadata.namespace],
            },
            on_invalid=unreadable,
        ),
        snapshots=Informer(
            client,
            SNAPSHOTS,
            Snapshot,
            indexes={
                "group": lambda s: [by_group(s.metadata.namespace, s.group)] if s.group else [],
                "whole": lambda s: [s.cut_with.uid] if s.cut_with else [],
            },
        ),
        claims=Informer(
            client,
            CLAIMS,
            ClaimGlance,
            indexes={
                "namespace": lambda c: [c.metadata.namespace],
                "volume": lambda c: [c.spec.volume_name] if c.spec.volume_name else [],
            },
        ),
        restores=Informer(
            client,
            VOLUME_RESTORES,
            RestoreGlance,
            indexes={
                "claim": lambda r: [by_claim(r.metadata.namespace, r.spec.claim_name)],
                "workload": lambda r: [f"{w.kind} {w.namespace}/{w.name}" for w in r.status.workloads],
            },
        ),
        classes=Informer(client, SNAPSHOT_CLASSES, SnapshotClass),
        stateful_sets=Informer(client, STATEFUL_SETS, StatefulSetGlance),
        wholes=Informer(
            client,
            GROUP_SNAPSHOTS,
            GroupSnapshot,
            indexes={"group": lambda w: [by_group(w.metadata.namespace, w.group)] if w.group else []},
            optional=True,
        ),
        group_classes=Informer(client, GROUP_SNAPSHOT_CLASSES, SnapshotClass, optional=True),
    )


def _watch_rivals(caches: Caches, pods: Informer[PodGlance], rivals: Rivals) -> None:
    pods.subscribe(rivals.pod_changed)
    caches.snapshots.subscribe(rivals.snapshot_changed)
    caches.groups.subscribe(rivals.group_changed)


def _connect_groups(controller: Controller, caches: Caches, pods: Informer[PodGlance]) -> None:
    def all_groups(_: object) -> Iterable[Key]:
        return [_key(g) for g in caches.groups.cache.all()]

    def of_claim(namespace: str, claim: str) -> Iterable[Key]:
        named = caches.groups.cache.by("claim", by_claim(namespace, claim))
        return [_key(g) for g in (*named, *caches.groups.cache.by("sets", namespace))]

    def of_stateful_set(found: StatefulSetGlance) -> Iterable[Key]:
        several = caches.groups.cache.by("sets", found.metadata.namespace)
        name = found.metadata.name
        return [_key(g) for g in several if g.spec.persistent_volume_claim.stateful_set == name]

    def of_marked(found: Marked) -> Iterable[Key]:
        return [Key(found.metadata.namespace, found.group)] if found.group else []

    def of_snapshot(found: Snapshot) -> Iterable[Key]:
        if found.group or not found.cut_with:
            return of_marked(found)
        whole = caches.wholes.cache.get(Key(found.metadata.namespace, found.cut_with.name))
        return of_marked(whole) if whole else []

    controller.follow(caches.groups)
    controller.follow(caches.snapshots, of_snapshot)
    controller.follow(caches.wholes, of_marked)
    controller.follow(caches.group_classes, all_groups)
    controller.follow(caches.claims, lambda c: of_claim(c.metadata.namespace, c.metadata.name))
    controller.follow(caches.restores, lambda r: of_claim(r.metadata.namespace, r.spec.claim_name))
    controller.follow(caches.classes, all_groups)
    controller.follow(caches.stateful_sets, of_stateful_set)
    controller.follow(pods, lambda pod: all_groups(pod) if is_gemini(pod) else ())


def _key(group: SnapshotGroup) -> Key:
    return Key(group.metadata.namespace, group.metadata.name)
