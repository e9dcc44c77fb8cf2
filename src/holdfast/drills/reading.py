"""RestoreDrills and what they meet as the values that decisions take. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from holdfast.api import keys
from holdfast.api.quantity import parse_size
from holdfast.policy.drilling import Turns
from holdfast.policy.errors import IntervalError
from holdfast.policy.intervals import parse_every
from holdfast.policy.proving import Checks, Claim, Hold, Pod, Volume
from holdfast.policy.schedules import TierEntry, read_tiers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.api import storage
    from holdfast.api.drills import DrillSpec, RestoreDrill
    from holdfast.api.groups import SnapshotGroup
    from holdfast.drills.views import CheckPod

TIMEOUT = timedelta(hours=1)
KEEP = 10
_EPOCH = datetime.fromtimestamp(0, UTC)


class Settings(NamedTuple):
    """A drill as it can be followed; with problems, it is not."""

    turns: Turns | None
    timeout: timedelta
    keep: int
    problems: tuple[str, ...]


def read_settings(drill: RestoreDrill) -> Settings:
    spec = drill.spec
    turns, timeless = _turns(drill)
    timeout, endless = _timeout(spec.timeout)
    problems = (*timeless, *endless, *_misfits(spec))
    return Settings(turns, timeout, max(spec.keep, 0) or KEEP, problems)


def _turns(drill: RestoreDrill) -> tuple[Turns | None, tuple[str, ...]]:
    wanted, meta = drill.spec.schedule, drill.metadata
    if wanted is None:
        return None, ()
    tiers, problems = read_tiers([TierEntry(wanted.every, wanted.cron, wanted.time_zone)])
    anchor = meta.creation_timestamp or _EPOCH
    turns = Turns(tiers[0], anchor, meta.uid) if tiers else None
    return turns, tuple(str(p) for p in problems if not p.warning)


def _timeout(text: str) -> tuple[timedelta, tuple[str, ...]]:
    if not text:
        return TIMEOUT, ()
    try:
        length = parse_every(text)
    except IntervalError as error:
        return TIMEOUT, (f"timeout: {error}",)
    return (
        (length, ()) if length >= timedelta(seconds=1) else (TIMEOUT, (f"timeout {text!r}: give 1s or more",))
    )


def _misfits(spec: DrillSpec) -> Iterator[str]:
    if spec.keep < 0:
        yield f"keep {spec.keep}: give the number of results to keep"
    if spec.check.pod and spec.check.manifest:
        yield "check: give either pod or manifest, not both"
    sums = spec.check.manifest
    if sums and bool(sums.config_map) == bool(sums.secret):
        yield "check.manifest: give either configMap or secret"
    try:
        parse_size(spec.scratch.size or "0")
    except ValueError as error:
        yield f"scratch.size: {error}"


def group_problem(spec: DrillSpec, group: SnapshotGroup | None) -> tuple[str, str]:
    """Why the drill's group cannot be tried, in a word and a sentence; both empty if it can."""
    if group is None:
        return (
            "GroupMissing",
            f"SnapshotGroup {spec.group_name} does not exist in this namespace: name another one",
        )
    return "", ""


def checks_of(spec: DrillSpec) -> Checks:
    """What its runs do with the data."""
    if spec.check.pod:
        return Checks.POD
    return Checks.MANIFEST if spec.check.manifest else Checks.BINDING


def holder(uid: str) -> str:
    """The value of the hold label that a drill puts on snapshots."""
    return f"drill-{uid}"


def see_hold(snapshot: storage.Snapshot | None, uid: str) -> Hold:
    found = snapshot.metadata.labels.get(keys.HOLD) if snapshot else None
    if found is None:
        return Hold.NOBODY
    return Hold.RUN if found == holder(uid) else Hold.OTHER


def see_claim(claim: storage.Claim | None, uid: str) -> Claim:
    if claim is None:
        return Claim.MISSING
    if claim.metadata.labels.get(keys.DRILL) != uid:
        return Claim.FOREIGN
    if claim.terminating:
        return Claim.GOING
    return Claim.BOUND if claim.bound else Claim.PENDING


def see_volume(claim: storage.Claim | None, volume: storage.Volume | None) -> Volume:
    """A volume that was there before the claim is somebody's, whatever is in it."""
    ref = volume.spec.claim_ref if volume else None
    if claim is None or volume is None or ref is None or ref.uid != claim.metadata.uid:
        return Volume.NONE
    if (volume.metadata.creation_timestamp or _EPOCH) < (claim.metadata.creation_timestamp or _EPOCH):
        return Volume.OLDER
    stays = volume.spec.persistent_volume_reclaim_policy != "Delete"
    return Volume.STAYS if stays else Volume.GOES_ALONG


def see_pod(pod: CheckPod | None, uid: str) -> Pod:
    if pod is None:
        return Pod.MISSING
    if pod.metadata.labels.get(keys.DRILL) != uid:
        return Pod.FOREIGN
    if pod.metadata.deletion_timestamp:
        return Pod.GOING
    return {"Succeeded": Pod.SUCCEEDED, "Failed": Pod.FAILED}.get(pod.status.phase, Pod.ACTIVE)
