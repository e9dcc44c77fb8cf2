"""What a run sees: quorum reads of its snapshots, its scratch claims with their volumes, and its pod.

Writes nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, PODS, SNAPSHOTS, VOLUMES
from holdfast.api.storage import Claim, Snapshot, Volume
from holdfast.drills.reading import see_claim, see_hold, see_pod, see_volume
from holdfast.drills.views import CheckPod
from holdfast.kube import errors
from holdfast.policy import proving
from holdfast.policy.proving import Checks, Phase, Sight

if TYPE_CHECKING:
    from datetime import timedelta

    from holdfast.api.drills import Part, Run
    from holdfast.api.resource import Resource
    from holdfast.drills.journal import Journal
    from holdfast.kube.client import Client

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """The objects of one part of a run, as far as they are there."""

    part: Part
    snapshot: Snapshot | None
    claim: Claim | None
    volume: Volume | None


@dataclass(frozen=True, slots=True)
class Found:
    """The objects of one run, as far as they are there."""

    pieces: tuple[Piece, ...]
    pod: CheckPod | None


@dataclass(frozen=True, slots=True)
class Strays:
    """Claims and pods that bear a drill's UID."""

    claims: tuple[Claim, ...]
    pods: tuple[CheckPod, ...]


async def find(client: Client, namespace: str, run: Run) -> Found:
    """Everything that a run depends on."""
    pieces = await asyncio.gather(*(_piece(client, namespace, part) for part in run.parts))
    return Found(tuple(pieces), await look_up(client, PODS, run.scratch, CheckPod, namespace))


async def _piece(client: Client, namespace: str, part: Part) -> Piece:
    claim = await look_up(client, CLAIMS, part.scratch, Claim, namespace)
    return Piece(
        part=part,
        snapshot=await look_up(client, SNAPSHOTS, part.snapshot, Snapshot, namespace),
        claim=claim,
        volume=await look_up(client, VOLUMES, claim.spec.volume_name if claim else "", Volume),
    )


async def marked(client: Client, namespace: str, uid: str) -> Strays:
    """All claims and pods of a drill."""
    selector = f"{keys.DRILL}={uid}"
    claims = await client.list(CLAIMS, namespace, labels=selector, type=Claim)
    pods = await client.list(PODS, namespace, labels=selector, type=CheckPod)
    return Strays(tuple(claims.items), tuple(pods.items))


def sight(journal: Journal, run: Run, found: Found, timeout: timedelta) -> Sight:
    """What was found, as a decision takes it."""
    uid = journal.drill.metadata.uid
    return Sight(
        phase=Phase(run.phase),
        checks=Checks(run.trial.checks),
        late=journal.now - run.trial.started > timeout,
        parts=tuple(_see(piece, uid) for piece in found.pieces),
        pod=see_pod(found.pod, uid),
    )


def _see(piece: Piece, uid: str) -> proving.Part:
    snapshot = piece.snapshot
    same = snapshot is not None and snapshot.metadata.uid == piece.part.uid
    return proving.Part(
        usable=same and snapshot is not None and snapshot.ready,
        hold=see_hold(snapshot, uid),
        claim=see_claim(piece.claim, uid),
        volume=see_volume(piece.claim, piece.volume),
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
