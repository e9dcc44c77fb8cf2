"""Which claims are covered, where a group is for several."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from holdfast.api import keys
from holdfast.api.drills import RestoreDrill
from holdfast.api.groups import SnapshotGroup
from holdfast.api.storage import Claim, Snapshot
from holdfast.cli.covered import Found, Row, judge
from holdfast.snapshots.views import StatefulSetGlance

T = TypeVar("T")
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
CLAIMS = [f"data-kafka-{n}" for n in range(3)]
SAFE = {"type": "Covered", "status": "True", "reason": "Safe", "lastTransitionTime": NOW.isoformat()}


def made(kind: type[T], name: str, notes: dict[str, str] | None = None, **fields: Any) -> T:  # noqa: ANN401
    metadata = {"name": name, "namespace": "shop", "annotations": notes or {}}
    return msgspec.convert({"metadata": metadata} | fields, kind)


def member(claim: str, stamp: int, *, ready: bool = True) -> Snapshot:
    notes = {keys.GEMINI_GROUP: "kafka", keys.GEMINI_TIMESTAMP: str(stamp), keys.SET: ",".join(CLAIMS)}
    status = {"readyToUse": ready, "creationTime": (NOW - timedelta(seconds=1)).isoformat()}
    source = {"source": {"persistentVolumeClaimName": claim}}
    return made(Snapshot, f"{claim}-{stamp}", notes, spec=source, status=status)


def rows(*snapshots: Snapshot, proven: list[str] | None = None) -> dict[str, Row]:
    """Of a StatefulSet of three whose group is safe by the set of the stamp 2."""
    status = {"conditions": [SAFE], "newestSet": {"name": "kafka-2", "claims": CLAIMS[:2]}}
    spec = {"persistentVolumeClaim": {"statefulSet": "kafka"}}
    plan = {"replicas": 3, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
    last = {"time": NOW.isoformat(), "started": NOW.isoformat(), "claims": proven}
    status_of_drill = {"lastProven": last} if proven else {}
    found = Found(
        claims=[made(Claim, name, spec={}, status={"phase": "Bound"}) for name in CLAIMS],
        groups=[made(SnapshotGroup, "kafka", spec=spec, status=status)],
        snapshots=snapshots,
        classes=[],
        stateful_sets=[made(StatefulSetGlance, "kafka", spec=plan)],
        drills=[made(RestoreDrill, "proof", spec={"groupName": "kafka"}, status=status_of_drill)],
    )
    return {row.claim: row for row in judge(found, NOW)}


def test_a_claim_is_covered_by_a_set_that_has_its_own_snapshot_ready() -> None:
    found = rows(*(member(claim, 2) for claim in CLAIMS[:2]), member(CLAIMS[2], 3, ready=False))
    assert [row.status for row in found.values()] == ["Safe", "Safe", "NotInSet"]
    assert "set kafka-2" in found[CLAIMS[2]].reason


def test_a_snapshot_of_an_older_set_does_not_count() -> None:
    found = rows(member(CLAIMS[0], 2), member(CLAIMS[1], 1))
    assert [row.status for row in found.values()] == ["Safe", "NotInSet", "NotInSet"]


def test_the_proof_of_a_set_is_one_of_the_claims_that_were_in_it() -> None:
    found = rows(proven=CLAIMS[:2])
    assert [row.proven for row in found.values()] == [NOW, NOW, None]
