"""What makes a restore look again: whatever it could be waiting for.

Each wait is looked at in any case after some seconds. That a change tells at once keeps the application down for less
time. Where no restore is at work, no change costs a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.control.keys import Key
from holdfast.policy.exchange import EXCLUSIVE
from holdfast.snapshots.facts import by_claim

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.storage import Snapshot
    from holdfast.control.controlling import Controller
    from holdfast.control.informing import Informer
    from holdfast.snapshots.facts import Caches
    from holdfast.snapshots.views import (
        AttachmentGlance,
        ClaimGlance,
        PodGlance,
        RestoreGlance,
        StatefulSetGlance,
    )


def connect_restores(
    controller: Controller,
    caches: Caches,
    pods: Informer[PodGlance],
    attachments: Informer[AttachmentGlance],
) -> None:
    """Have the restores of a claim follow what happens to it, to its users and snapshots, and to what they scale."""
    known = caches.restores.cache

    def of_claim(claim: ClaimGlance) -> Iterable[Key]:
        key = by_claim(claim.metadata.namespace, claim.metadata.name)
        return [Key.of(restore) for restore in known.by("claim", key)]

    def of_pod(pod: PodGlance) -> Iterable[Key]:
        return {key for claim in pod.claims for key in at_work(pod.metadata.namespace, claim)}

    def of_attachment(attachment: AttachmentGlance) -> Iterable[Key]:
        claims = caches.claims.cache.by("volume", attachment.volume)
        return {k for claim in claims for k in at_work(claim.metadata.namespace, claim.metadata.name)}

    def of_snapshot(snapshot: Snapshot) -> Iterable[Key]:
        return at_work(snapshot.metadata.namespace, snapshot.claim_name)

    def of_stateful_set(found: StatefulSetGlance) -> Iterable[Key]:
        title = f"StatefulSet {found.metadata.namespace}/{found.metadata.name}"
        return [Key.of(r) for r in known.by("workload", title) if r.status.phase in EXCLUSIVE]

    def at_work(namespace: str, claim: str) -> set[Key]:
        busy = (r for r in known.by("claim", by_claim(namespace, claim)) if r.status.phase in EXCLUSIVE)
        return {key for restore in busy for key in _of_set(restore)}

    controller.follow(caches.restores, _of_set)
    controller.follow(caches.claims, of_claim)
    controller.follow(caches.snapshots, of_snapshot)
    controller.follow(caches.stateful_sets, of_stateful_set)
    controller.follow(pods, of_pod)
    controller.follow(attachments, of_attachment)


def _of_set(restore: RestoreGlance) -> set[Key]:
    """It and those that are done together with it: one of them stops the application of all."""
    return {Key(restore.metadata.namespace, n) for n in (restore.metadata.name, *restore.spec.set.members)}
