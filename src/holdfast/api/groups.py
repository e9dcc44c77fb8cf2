"""SnapshotGroup (`gemini.fairwinds.com/v1`, `v1beta1`): Gemini's kind with optional additions and a status.

The schema accepts whatever a Gemini stored; what is wrong in it is said in conditions, not refused by the
schema. Holdfast never writes the spec.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from holdfast.api.meta import Condition, Described, FieldManager, Metadata, View
from holdfast.api.quiescing import Quiesce
from holdfast.api.selectors import LabelSelector


class ClaimTemplate(View, frozen=True):
    claim_name: Annotated[
        str, Described(description="An existing claim of this namespace; empty: named like the group.")
    ] = ""
    spec: Annotated[
        dict[str, Any],
        Described(description="The claim to create when claimName is empty and there never was one."),
    ] = {}
    selector: Annotated[
        LabelSelector | None,
        Described(description="Instead of claimName: all claims with these labels, at one moment."),
    ] = None
    stateful_set: Annotated[
        str, Described(description="Instead of claimName: all claims of this StatefulSet, at one moment.")
    ] = ""

    @property
    def is_set(self) -> bool:
        """Whether it names several claims that belong together."""
        return self.selector is not None or bool(self.stateful_set)


class ScheduleSpec(View, frozen=True):
    every: Annotated[
        str, Described(description="An interval: `10 minutes`, `hour`, `2 days`, or Go's `1h30m`.")
    ] = ""
    cron: Annotated[str, Described(description="Instead of `every`: a cron expression of five fields.")] = ""
    time_zone: Annotated[
        str, Described(description="Zone of the cron expression, such as Europe/Berlin; UTC if empty.")
    ] = ""


class TierSpec(ScheduleSpec, frozen=True):
    keep: Annotated[int, Described(description="How many to keep besides the newest one.")] = 0


class SnapshotTemplateMetadata(View, frozen=True):
    labels: Annotated[dict[str, str], Described(description="Labels of the snapshots.")] = {}
    annotations: Annotated[dict[str, str], Described(description="Annotations of the snapshots.")] = {}


class SnapshotTemplateSpec(View, frozen=True):
    volume_snapshot_class_name: Annotated[
        str, Described(description="VolumeSnapshotClass; empty: the default class of the claim's driver.")
    ] = ""
    volume_group_snapshot_class_name: Annotated[
        str,
        Described(
            description="VolumeGroupSnapshotClass for groups of several claims; empty: the one of their driver,"
            " unless volumeSnapshotClassName is given."
        ),
    ] = ""


class SnapshotTemplate(View, frozen=True):
    metadata: Annotated[
        SnapshotTemplateMetadata, Described(description="What the snapshots carry besides our own keys.")
    ] = SnapshotTemplateMetadata()
    spec: Annotated[SnapshotTemplateSpec, Described(description="How the snapshots are taken.")] = (
        SnapshotTemplateSpec()
    )


class Retention(View, frozen=True):
    min_ready: Annotated[
        int | None,
        Described(description="Never fewer ready scheduled snapshots than this, whatever else says so. 1."),
    ] = None
    max_age: Annotated[
        str, Described(description="Ready snapshots older than this go too (never below minReady).")
    ] = ""
    ready_within: Annotated[
        str,
        Described(
            description="A snapshot that is not ready after this has failed and is removed."
            " 24h once it is cut, 1h before."
        ),
    ] = ""
    retained_contents: Annotated[
        str,
        Described(
            description="What becomes of the content of a retired snapshot whose class says Retain:"
            " Keep or Delete."
        ),
    ] = ""


class GroupSpec(View, frozen=True):
    persistent_volume_claim: Annotated[
        ClaimTemplate, Described(description="The claim whose volume is snapshotted, or the claims.")
    ] = ClaimTemplate()
    schedule: Annotated[list[TierSpec], Described(description="Tiers: how often, and how many to keep.")] = []
    template: Annotated[SnapshotTemplate, Described(description="What the snapshots look like.")] = (
        SnapshotTemplate()
    )
    suspend: Annotated[bool, Described(description="Take and retire nothing.")] = False
    retention: Annotated[Retention, Described(description="Limits besides the counts of the tiers.")] = (
        Retention()
    )
    quiesce: Annotated[
        Quiesce | None, Described(description="How restores stop the workloads of the claim meanwhile.")
    ] = None


class TierStatus(View, frozen=True):
    tier: Annotated[str, Described(description="As the schedule says it.")]
    last: Annotated[datetime | None, Described(description="The newest snapshot's slot.")] = None
    last_ready: Annotated[datetime | None, Described(description="The newest ready snapshot's slot.")] = None
    next: Annotated[datetime | None, Described(description="When it is due next.")] = None
    ready: Annotated[int, Described(description="Ready snapshots of this tier.")] = 0
    failed: Annotated[int, Described(description="Snapshots of this tier that failed.")] = 0


class ScheduleSeen(View, frozen=True):
    fingerprint: Annotated[str, Described(description="The schedule's meaning, whatever its wording.")]
    since: Annotated[datetime, Described(description="Since when it means this.")]


class ClaimSeen(View, frozen=True):
    name: str
    uid: str = ""


class Retiring(View, frozen=True):
    name: Annotated[str, Described(description="The snapshot.")]
    uid: Annotated[str, Described(description="Its UID: no other snapshot of that name is deleted.")]
    rule: Annotated[str, Described(description="Why it goes.")] = ""


class PlannedStep(View, frozen=True):
    take: Annotated[datetime, Described(description="When a snapshot will be taken.")]
    tiers: Annotated[list[str], Described(description="For which tiers.")] = []
    retire: Annotated[list[Retiring], Described(description="What goes once it is ready, and why.")] = []


class SetSeen(View, frozen=True):
    name: Annotated[str, Described(description="The group and the set's unix seconds.")]
    claims: Annotated[list[str], Described(description="The claims that have a snapshot in it.")] = []
    spread: Annotated[
        int, Described(description="Seconds between the first and the last of its snapshots.")
    ] = 0


class RestoreSeen(View, frozen=True):
    observed: Annotated[
        str, Described(description="The restore annotation that was last acted on, or found at first sight.")
    ] = ""
    name: Annotated[
        str, Described(description="The VolumeRestore made for it, or how those of a set begin.")
    ] = ""
    names: Annotated[
        list[str], Described(description="The VolumeRestores of a set, one for each claim.")
    ] = []
    phase: Annotated[str, Described(description="Where that restore is.")] = ""
    point: Annotated[str, Described(description="What it restores.")] = ""
    message: Annotated[str, Described(description="Why nothing was asked for.")] = ""
    started: datetime | None = None
    finished: datetime | None = None


class GroupStatus(View, frozen=True):
    observed_generation: int = 0
    conditions: list[Condition] = []
    ready: Annotated[int, Described(description="Ready scheduled snapshots.")] = 0
    failed: Annotated[int, Described(description="Snapshots that failed and are not removed yet.")] = 0
    missed: Annotated[int, Described(description="Runs that were passed over so far.")] = 0
    caught_up: Annotated[
        datetime | None, Described(description="The slot that stood for the runs passed over last.")
    ] = None
    newest_ready: Annotated[datetime | None, Described(description="When the newest ready one was cut.")] = (
        None
    )
    oldest_ready: Annotated[datetime | None, Described(description="When the oldest ready one was cut.")] = (
        None
    )
    next_due: Annotated[datetime | None, Described(description="When a snapshot is due next.")] = None
    tiers: list[TierStatus] = []
    plan: Annotated[list[PlannedStep], Described(description="What happens next, before it happens.")] = []
    retiring: Annotated[
        list[Retiring], Described(description="Written before the first of them is deleted.")
    ] = []
    newest_set: Annotated[
        SetSeen | None, Described(description="The newest ready set of a group of several claims.")
    ] = None
    schedule: ScheduleSeen | None = None
    claim: Annotated[ClaimSeen | None, Described(description="The claim this group was last seen with.")] = (
        None
    )
    restore: RestoreSeen | None = None


class GroupMetadata(Metadata, frozen=True):
    managed_fields: list[FieldManager] = []


class SnapshotGroup(View, frozen=True):
    metadata: GroupMetadata
    spec: GroupSpec = GroupSpec()
    status: GroupStatus = GroupStatus()

    @property
    def claim_name(self) -> str:
        """The one claim it is for; empty for a group of several."""
        wanted = self.spec.persistent_volume_claim
        return "" if wanted.is_set else wanted.claim_name or self.metadata.name
