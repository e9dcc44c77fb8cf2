"""VolumeRestore (`holdfast.dev/v1alpha1`): the journal of one exchange of the volume behind a claim.

Its spec says what was asked for and never changes but for `cancel` and `rollback`; its status is the record
that precedes every act (docs/adr/0006).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from holdfast.api.meta import Condition, Described, Metadata, View
from holdfast.api.quiescing import Quiesce, WorkloadRecord


class Members(View, frozen=True):
    """Restores of one set, which are done together or not at all."""

    members: Annotated[
        list[str], Described(description="The names of all VolumeRestores of the set, this one among them.")
    ] = []


class RestoreSpec(View, frozen=True):
    claim_name: Annotated[str, Described(description="The claim whose volume is exchanged.")]
    snapshot_name: Annotated[str, Described(description="The VolumeSnapshot the new volume is made from.")]
    group: Annotated[str, Described(description="The SnapshotGroup that was asked, if any.")] = ""
    point: Annotated[str, Described(description="The restore point as it was asked for.")] = ""
    keep_old_volume_for: Annotated[
        str, Described(description="How long the old volume stays after the new one is bound. 24h.")
    ] = ""
    skip_safety_snapshot: Annotated[
        bool, Described(description="Go on without a snapshot of the present state (the old volume stays).")
    ] = False
    quiesce: Annotated[
        Quiesce | None, Described(description="How the workloads of the claim are stopped meanwhile.")
    ] = None
    set: Annotated[
        Members | None, Described(description="The set that this restore belongs to: all or nothing.")
    ] = None
    cancel: Annotated[
        bool, Described(description="Stop before the claim is deleted; from there on use rollback.")
    ] = False
    rollback: Annotated[bool, Described(description="Bring the old volume back.")] = False


class PhaseTime(View, frozen=True):
    phase: str
    at: datetime


class ClaimRecord(View, frozen=True):
    uid: str
    manifest: Annotated[
        dict[str, Any], Described(description="The whole claim as it was before it was touched.")
    ]


class VolumeRecord(View, frozen=True):
    name: str
    uid: str
    policy: Annotated[str, Described(description="The reclaim policy it had, and gets back.")]


class SnapshotRecord(View, frozen=True):
    name: str
    uid: str = ""
    held: Annotated[bool, Described(description="Whether the hold label on it is ours.")] = False


class RestoreStatus(View, frozen=True):
    phase: str = ""
    message: Annotated[str, Described(description="What it is doing, or what it waits for.")] = ""
    phases: Annotated[list[PhaseTime], Described(description="When each phase began.")] = []
    conditions: list[Condition] = []
    claim: ClaimRecord | None = None
    volume: Annotated[VolumeRecord | None, Described(description="The old volume: the first net.")] = None
    target: Annotated[SnapshotRecord | None, Described(description="The snapshot that is restored.")] = None
    safety: Annotated[
        SnapshotRecord | None, Described(description="The snapshot of the state before: the second net.")
    ] = None
    workloads: Annotated[
        list[WorkloadRecord], Described(description="What is scaled down, in this order; written before.")
    ] = []
    size: Annotated[str, Described(description="What the new claim requests.")] = ""
    new_claim: Annotated[str, Described(description="UID of the claim that was created.")] = ""
    new_volume: VolumeRecord | None = None
    displaced: Annotated[
        int, Described(description="Foreign claims that had to be removed from the gap (three at most).")
    ] = 0
    agreed: Annotated[
        bool, Described(description="Of a set: its old volumes may go as far as this one is concerned.")
    ] = False
    let_go_at: Annotated[
        datetime | None, Described(description="When the volume that lost gets its reclaim policy back.")
    ] = None
    reason: Annotated[str, Described(description="Why it was refused or rolled back.")] = ""


class VolumeRestore(View, frozen=True):
    metadata: Metadata
    spec: RestoreSpec
    status: RestoreStatus = RestoreStatus()
