"""Gemini's trigger: a restore is asked for by a *change* of the group's annotation against what was recorded.

Gemini never clears the annotation, so what is found at first sight is a baseline; absence is recorded too, so that
the same point can be asked for again. The VolumeRestore's name is written down before it is created.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api import keys
from holdfast.api.groups import RestoreSeen
from holdfast.api.meta import builtins
from holdfast.api.resource import VOLUME_RESTORES
from holdfast.policy.exchange import Phase
from holdfast.policy.sets import part_keys, phase_of_all

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from holdfast.api.groups import SnapshotGroup
    from holdfast.snapshots.moments import Moment
    from holdfast.snapshots.views import ClaimGlance, RestoreGlance

CREATING = "Creating"
"""The name is written down; the object may or may not exist."""
ENDED = frozenset({"Settle", "Done", "RolledBack", "Failed"})
"""The data is where it belongs; what is left is house-keeping."""


def wanted_point(group: SnapshotGroup) -> str:
    """What the annotation says now."""
    return group.metadata.annotations.get(keys.GEMINI_RESTORE, "")


def executed_elsewhere(group: SnapshotGroup, claim: ClaimGlance | None) -> bool:
    """Whether a Gemini restored to this point while nobody looked: the claim is another one, made from there."""
    known = group.status.claim
    if claim is None or known is None or claim.metadata.uid == known.uid:
        return False
    return claim.metadata.annotations.point == wanted_point(group)


def observe(group: SnapshotGroup, now: datetime, *, rival: bool) -> RestoreSeen:
    """What to record of the annotation; a new name in it means that a restore is to be created.

    Args:
        rival: a Gemini is alive and executes the annotation itself, or has done so.
    """
    seen, wanted = group.status.restore, wanted_point(group)
    if seen is None:
        return RestoreSeen(observed=wanted)
    if wanted == seen.observed:
        return seen
    if rival or not wanted:
        return _observed(seen, wanted)
    return RestoreSeen(
        observed=wanted, name=_name(group), point=wanted, phase=CREATING, started=now.replace(microsecond=0)
    )


def _observed(seen: RestoreSeen, wanted: str) -> RestoreSeen:
    return msgspec.structs.replace(seen, observed=wanted)


def _name(group: SnapshotGroup) -> str:
    meta = group.metadata
    digest = hashlib.sha256(f"{meta.uid} {meta.resource_version}".encode()).hexdigest()[:8]
    return f"{meta.name[:200]}-restore-{digest}"


def mirror(seen: RestoreSeen, restores: Iterable[RestoreGlance], now: datetime) -> RestoreSeen:
    """What is recorded, with the newest restore of the group and the phase that it is in now.

    Of two that were created within one second, the one that is recorded was asked for last.
    """
    there, known = {r.metadata.name: r for r in restores}, {seen.name, *seen.names}

    def age(restore: RestoreGlance) -> tuple[datetime, bool, str]:
        meta = restore.metadata
        return meta.creation_timestamp or now, meta.name in known, meta.name

    newest = max(there.values(), key=age, default=None)
    if newest is None or _stands(seen, there, newest):
        return seen
    together = [there[name] for name in newest.spec.set.members if name in there] or [newest]
    same = newest.metadata.name in known
    phase = phase_of_all([r.status.phase or Phase.REQUESTED for r in together])
    finished = seen.finished if same else None
    if phase in ENDED and finished is None:
        finished = now.replace(microsecond=0)
    return RestoreSeen(
        observed=seen.observed,
        name=seen.name if same else newest.metadata.name,
        names=list(newest.spec.set.members),
        phase=phase,
        point=newest.spec.point,
        started=seen.started if same else newest.metadata.creation_timestamp,
        finished=finished,
    )


def _stands(seen: RestoreSeen, there: Mapping[str, RestoreGlance], newest: RestoreGlance) -> bool:
    """Whether what is recorded is younger than every restore: refused, or not created in full."""
    if seen.phase == CREATING:
        return not {*(seen.names or [seen.name])} <= there.keys()
    created = newest.metadata.creation_timestamp
    return bool(seen.message and seen.started and created and created <= seen.started)


def settled_on(seen: RestoreSeen, group: SnapshotGroup, moment: Moment) -> RestoreSeen:
    """The record with the set that was found for it and the names that its restores will have."""
    names = _names(seen.name, snapshots_for(group, moment))
    return msgspec.structs.replace(seen, point=moment.shot.name, names=sorted(names.values()))


def refused(seen: RestoreSeen, why: str, now: datetime) -> RestoreSeen:
    """The record of a request for which nothing is created."""
    finished = now.replace(microsecond=0)
    return msgspec.structs.replace(seen, phase="Failed", message=why, finished=finished)


def snapshots_for(group: SnapshotGroup, moment: Moment) -> dict[str, str]:
    """The snapshot that each claim is made from; a group of one claim takes its own out of a set."""
    if group.spec.persistent_volume_claim.is_set:
        return {claim: snapshot.metadata.name for claim, snapshot in moment.claims.items()}
    own = moment.claims.get(group.claim_name, moment.snapshots[0])
    return {group.claim_name: own.metadata.name}


def volume_restores(
    group: SnapshotGroup, name: str, point: str, snapshots: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The requests for several claims, which are done together: each knows all."""
    names = _names(name, snapshots)
    bodies = []
    for claim, snapshot in sorted(snapshots.items()):
        body = volume_restore(group, names[claim], point)
        body["spec"] |= {
            "claimName": claim,
            "snapshotName": snapshot,
            "set": {"members": sorted(names.values())},
        }
        bodies.append(body)
    return bodies


def _names(prefix: str, claims: Collection[str]) -> dict[str, str]:
    return {claim: f"{prefix}-{key}" for claim, key in part_keys(claims).items()}


def volume_restore(group: SnapshotGroup, name: str, point: str) -> dict[str, Any]:
    """The request as an object; its finalizer is there from the start."""
    quiesce = {"quiesce": builtins(group.spec.quiesce)} if group.spec.quiesce else {}
    return {
        "apiVersion": VOLUME_RESTORES.api_version,
        "kind": VOLUME_RESTORES.kind,
        "metadata": {
            "name": name,
            "namespace": group.metadata.namespace,
            "finalizers": [keys.RESTORE_FINALIZER],
        },
        "spec": {
            "claimName": group.claim_name,
            "snapshotName": f"{group.metadata.name}-{point}",
            "group": group.metadata.name,
            "point": point,
            **quiesce,
        },
    }
