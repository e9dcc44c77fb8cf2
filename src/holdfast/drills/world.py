"""What a run sees: quorum reads of its snapshot, its scratch claim with its volume, and its pod. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, PODS, SNAPSHOTS, VOLUMES
from holdfast.api.storage import Claim, Snapshot, Volume
from holdfast.drills.reading import see_claim, see_hold, see_pod, see_volume
from holdfast.drills.views import CheckPod
from holdfast.kube import errors
from holdfast.policy.proving import Checks, Phase, Sight

if TYPE_CHECKING:
    from datetime import timedelta

    from holdfast.api.drills import Run
    from holdfast.api.resource import Resource
    from holdfast.drills.journal import Journal
    from holdfast.kube.client import Client

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """The objects of one run, as far as they are there."""

    snapshot: Snapshot | None
    claim: Claim | None
    volume: Volume | None
    pod: CheckPod | None


@dataclass(frozen=True, slots=True)
class Strays:
    """Claims and pods that bear a drill's UID."""

    claims: tuple[Claim, ...]
    pods: tuple[CheckPod, ...]


async def find(client: Client, namespace: str, run: Run) -> Found:
    """Everything that a run depends on."""
    picked = run.trial.snapshot
    claim = await look_up(client, CLAIMS, run.scratch, Claim, namespace)
    return Found(
        snapshot=await look_up(client, SNAPSHOTS, picked.name if picked else "", Snapshot, namespace),
        claim=claim,
        volume=await look_up(client, VOLUMES, claim.spec.volume_name if claim else "", Volume),
        pod=await look_up(client, PODS, run.scratch, CheckPod, namespace),
    )


async def marked(client: Client, namespace: str, uid: str) -> Strays:
    """All claims and pods of a drill."""
    selector = f"{keys.DRILL}={uid}"
    claims = await client.list(CLAIMS, namespace, labels=selector, type=Claim)
    pods = await client.list(PODS, namespace, labels=selector, type=CheckPod)
    return Strays(tuple(claims.items), tuple(pods.items))


def sight(journal: Journal, run: Run, found: Found, timeout: timedelta) -> Sight:
    """What was found, as a decision takes it."""
    uid, picked, snapshot = journal.drill.metadata.uid, run.trial.snapshot, found.snapshot
    same = snapshot is not None and picked is not None and snapshot.metadata.uid == picked.uid
    return Sight(
        phase=Phase(run.phase),
        checks=Checks(run.trial.checks),
        late=journal.now - run.trial.started > timeout,
        usable=same and snapshot is not None and snapshot.ready,
        hold=see_hold(snapshot, uid),
        claim=see_claim(found.claim, uid),
        volume=see_volume(found.claim, found.volume),
        pod=see_pod(found.pod, uid),
    )


async def look_up(
    client: Client, resource: Resource, name: str, kind: type[T], namespace: str | None = None
) -> T | None:
    """The object, or None where there is none or nothing is named."""
    if not name:
        return None
    try:
        return await client.get(resource, name, namespace, type=kind)
    except errors.NotFound:
        return None
