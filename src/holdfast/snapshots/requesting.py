"""Gemini's trigger: a restore is asked for by a *change* of the group's annotation against what was recorded.

Gemini never clears the annotation, so what is found at first sight is a baseline; absence is recorded too, so that
the same point can be asked for again. The VolumeRestore's name is written down before it is created.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.groups import RestoreSeen
from holdfast.api.meta import builtins
from holdfast.api.resource import VOLUME_RESTORES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from holdfast.api.groups import SnapshotGroup
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
    return RestoreSeen(
        observed=wanted,
        name=seen.name,
        phase=seen.phase,
        point=seen.point,
        started=seen.started,
        finished=seen.finished,
    )


def _name(group: SnapshotGroup) -> str:
    meta = group.metadata
    digest = hashlib.sha256(f"{meta.uid} {meta.resource_version}".encode()).hexdigest()[:8]
    return f"{meta.name[:200]}-restore-{digest}"


def mirror(seen: RestoreSeen, restores: Iterable[RestoreGlance], now: datetime) -> RestoreSeen:
    """What is recorded, with the newest restore of the group and the phase that it is in now."""
    newest = max(
        restores, key=lambda r: (r.metadata.creation_timestamp or now, r.metadata.name), default=None
    )
    if newest is None or (seen.phase == CREATING and newest.metadata.name != seen.name):
        return seen
    same = newest.metadata.name == seen.name
    phase = newest.status.phase or "Requested"
    finished = seen.finished if same else None
    if phase in ENDED and finished is None:
        finished = now.replace(microsecond=0)
    return RestoreSeen(
        observed=seen.observed,
        name=newest.metadata.name,
        phase=phase,
        point=newest.spec.point,
        started=seen.started if same else newest.metadata.creation_timestamp,
        finished=finished,
    )


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
