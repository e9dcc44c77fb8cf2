"""RestoreDrill (`holdfast.dev/v1alpha1`): a snapshot or a set of a group, restored beside everything and checked.

Its status is the journal of the run that is under way, and the record of what was proven.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from holdfast.api import keys
from holdfast.api.groups import ScheduleSpec
from holdfast.api.meta import Condition, Described, Metadata, View


class Scratch(View, frozen=True):
    storage_class_name: Annotated[
        str, Described(description="Class of the claim that is made; empty: that of the group's claim.")
    ] = ""
    size: Annotated[
        str, Described(description="Its size, where that shall be more than the snapshot needs.")
    ] = ""


class PodCheck(View, frozen=True):
    image: Annotated[str, Described(description="Image of the container.")]
    command: Annotated[list[str], Described(description="Its entrypoint, instead of the image's.")] = []
    args: Annotated[list[str], Described(description="Its arguments.")] = []
    env: Annotated[list[dict[str, Any]], Described(description="Its environment, as a pod has it.")] = []
    resources: Annotated[dict[str, Any], Described(description="Its resources, as a pod has them.")] = {}
    security_context: Annotated[
        dict[str, Any], Described(description="Security context of the container, as a pod has it.")
    ] = {}
    mount_path: Annotated[
        str,
        Described(
            description="Where it finds the restored data; /data if empty."
            " Of a set: a folder below it for each claim, named like the claim."
        ),
    ] = ""


class ManifestCheck(View, frozen=True):
    config_map: Annotated[str, Described(description="ConfigMap that holds the checksums.")] = ""
    secret: Annotated[str, Described(description="Instead of it: the Secret that holds them.")] = ""
    key: Annotated[str, Described(description="The key in it; SHA256SUMS if empty.")] = ""


class Check(View, frozen=True):
    pod: Annotated[
        PodCheck | None,
        Described(description="A pod that runs to its end with the restored data; exit code 0 is a proof."),
    ] = None
    manifest: Annotated[
        ManifestCheck | None, Described(description="Instead of it: checksums in the format of sha256sum.")
    ] = None
    pod_security_context: Annotated[
        dict[str, Any],
        Described(description="Security context of the pod in either case, such as fsGroup or runAsUser."),
    ] = {}


class DrillSpec(View, frozen=True):
    group_name: Annotated[
        str, Described(description="The SnapshotGroup of this namespace whose snapshots are tried.")
    ]
    schedule: Annotated[
        ScheduleSpec | None, Described(description="When it runs; without one, only on request.")
    ] = None
    pick: Annotated[
        Literal["", "Newest", "Random"],
        Described(description="Which ready snapshot is tried; Newest if empty."),
    ] = ""
    scratch: Annotated[Scratch, Described(description="The claim that the snapshot is restored into.")] = (
        Scratch()
    )
    check: Annotated[
        Check, Described(description="What is done with the data; nothing: only that the claim is bound.")
    ] = Check()
    timeout: Annotated[
        str, Described(description="How long one run may take from its start to the end of its check. 1h.")
    ] = ""
    keep: Annotated[int, Described(description="Results that the status keeps; 10 if 0.")] = 0
    suspend: Annotated[bool, Described(description="Run only on request.")] = False


class Picked(View, frozen=True):
    """The snapshot, or the set of snapshots, that is tried."""

    name: str
    taken: Annotated[datetime | None, Described(description="When it was cut.")] = None
    claims: Annotated[list[str], Described(description="Of a set: the claims that it is of.")] = []

    @property
    def label(self) -> str:
        """With what it is, for people."""
        return f"set {self.name} of {len(self.claims)} claims" if self.claims else f"snapshot {self.name}"


class Trial(View, frozen=True):
    """What a run, under way or over, has found out."""

    slot: Annotated[
        datetime, Described(description="What the run is for: its turn, or when it was asked for.")
    ]
    started: datetime
    request: Annotated[str, Described(description="The request that it answers; empty: the schedule.")] = ""
    snapshot: Picked | None = None
    checks: Annotated[str, Described(description="What it does with the data: Pod, Manifest or Binding.")] = (
        ""
    )
    bound: Annotated[datetime | None, Described(description="When all scratch claims had their volumes.")] = (
        None
    )
    ended: datetime | None = None
    result: Annotated[str, Described(description="Proven or Failed.")] = ""
    message: Annotated[str, Described(description="What was proven, or why not.")] = ""
    bind_seconds: Annotated[int, Described(description="From the start until all was bound.")] = 0
    check_seconds: Annotated[int, Described(description="How long the check ran.")] = 0


class Part(View, frozen=True):
    """One snapshot that a run restores, and the claim that it makes of it."""

    claim: Annotated[str, Described(description="The claim that the snapshot is of.")]
    snapshot: str
    uid: Annotated[str, Described(description="That of the snapshot.")]
    scratch: Annotated[str, Described(description="Name of the scratch claim.")]


class Run(View, frozen=True):
    """The run that is under way; each part is written down before it is acted on."""

    trial: Trial
    phase: Annotated[str, Described(description="Restoring, Checking or Cleaning.")]
    scratch: Annotated[str, Described(description="Name of its pod; those of its claims begin with it.")]
    parts: Annotated[list[Part], Described(description="What it restores; of a set one for each claim.")]


class Proof(View, frozen=True):
    time: Annotated[datetime, Described(description="When it was proven.")]
    started: Annotated[datetime, Described(description="When that run began.")]
    snapshot: Annotated[str, Described(description="Which snapshot, or which set.")] = ""
    claims: Annotated[list[str], Described(description="Of a set: the claims that it is of.")] = []
    seconds: Annotated[int, Described(description="From the start of the run to the end of its check.")] = 0


class DrillStatus(View, frozen=True):
    observed_generation: int = 0
    conditions: list[Condition] = []
    last_proven: Annotated[Proof | None, Described(description="The last time a restore was proven.")] = None
    next: Annotated[datetime | None, Described(description="When it runs next.")] = None
    run: Annotated[Run | None, Described(description="The run that is under way.")] = None
    history: Annotated[list[Trial], Described(description="Results of runs, the newest first.")] = []
    last_slot: Annotated[
        datetime | None, Described(description="The newest turn of the schedule that was taken.")
    ] = None
    request: Annotated[str, Described(description="The last request that was taken.")] = ""


class RestoreDrill(View, frozen=True):
    metadata: Metadata
    spec: DrillSpec
    status: DrillStatus = DrillStatus()

    @property
    def requested(self) -> str:
        """The request of a run out of turn that was not taken yet; empty for none."""
        asked = self.metadata.annotations.get(keys.RUN_REQUEST, "")
        return "" if asked == self.status.request else asked
