"""Views of the storage objects of Kubernetes and of the CSI snapshot API: the fields that decisions need."""

from __future__ import annotations

from datetime import datetime

from holdfast.api import keys
from holdfast.api.meta import Metadata, OwnerReference, View

SELECTED_NODE = "volume.kubernetes.io/selected-node"
"""Annotation of a claim that waits for a pod: the node that its volume is made for."""


class Reference(View, frozen=True):
    """A reference to another object, as in claimRef, dataSource and volumeSnapshotRef."""

    kind: str = ""
    name: str = ""
    namespace: str = ""
    uid: str = ""
    api_group: str | None = None
    """None for the core group, which the API server writes as null."""


class Resources(View, frozen=True):
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}


class ClaimSpec(View, frozen=True):
    volume_name: str = ""
    storage_class_name: str | None = None
    access_modes: list[str] = []
    volume_mode: str = "Filesystem"
    resources: Resources = Resources()
    data_source: Reference | None = None


class ClaimStatus(View, frozen=True):
    phase: str = ""
    capacity: dict[str, str] = {}


class Claim(View, frozen=True):
    """A PersistentVolumeClaim."""

    metadata: Metadata
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()

    @property
    def bound(self) -> bool:
        return self.status.phase == "Bound" and bool(self.spec.volume_name)

    @property
    def terminating(self) -> bool:
        return self.metadata.deletion_timestamp is not None

    @property
    def selected_node(self) -> str:
        """The node that its volume was made for, where it waited for a pod."""
        return self.metadata.annotations.get(SELECTED_NODE, "")

    @property
    def provisioner(self) -> str:
        """The driver that made the volume, as the volume controller noted it; empty where it did not."""
        notes = self.metadata.annotations
        return notes.get("volume.kubernetes.io/storage-provisioner") or notes.get(
            "volume.beta.kubernetes.io/storage-provisioner", ""
        )


class CsiSource(View, frozen=True):
    driver: str = ""
    volume_handle: str = ""


class VolumeSpec(View, frozen=True):
    persistent_volume_reclaim_policy: str = "Retain"
    claim_ref: Reference | None = None
    storage_class_name: str = ""
    capacity: dict[str, str] = {}
    volume_mode: str = "Filesystem"
    csi: CsiSource | None = None
    node_affinity: dict[str, object] | None = None


class VolumeStatus(View, frozen=True):
    phase: str = ""


class Volume(View, frozen=True):
    """A PersistentVolume."""

    metadata: Metadata
    spec: VolumeSpec = VolumeSpec()
    status: VolumeStatus = VolumeStatus()

    def node_of(self, claim: Claim) -> str:
        """The node that its claim had it made for, where not every node reaches it; empty where any does.

        Its snapshots are within reach of the same nodes at best. The scheduler knows nothing of snapshots, and might
        send a pod to another node again and again.
        """
        return claim.selected_node if self.spec.node_affinity else ""


class SnapshotSource(View, frozen=True):
    persistent_volume_claim_name: str = ""
    volume_snapshot_content_name: str = ""


class SnapshotSpec(View, frozen=True):
    source: SnapshotSource = SnapshotSource()
    volume_snapshot_class_name: str | None = None


class SnapshotError(View, frozen=True):
    message: str = ""
    time: datetime | None = None


class SnapshotStatus(View, frozen=True):
    bound_volume_snapshot_content_name: str = ""
    creation_time: datetime | None = None
    ready_to_use: bool = False
    restore_size: str = ""
    error: SnapshotError | None = None


class Marked(View, frozen=True):
    """What bears the marks of a SnapshotGroup: a snapshot, or several cut by one call."""

    metadata: Metadata
    status: SnapshotStatus = SnapshotStatus()

    @property
    def group(self) -> str:
        """The SnapshotGroup it belongs to, by Gemini's annotations or ours; empty for none."""
        notes = self.metadata.annotations
        gemini = notes.get(keys.GEMINI_MANAGED_BY) == keys.GEMINI_MANAGER
        marked = gemini or keys.MANUAL in notes or keys.SET in notes
        return notes.get(keys.GEMINI_GROUP, "") if marked else ""

    @property
    def set_name(self) -> str:
        """The set that it is part of, named as a snapshot of one claim at that time would be; empty for none."""
        notes = self.metadata.annotations
        if keys.SET not in notes:
            return ""
        if keys.MANUAL in notes:
            return f"{self.group}-manual-{notes[keys.MANUAL]}"
        return f"{self.group}-{notes.get(keys.GEMINI_TIMESTAMP, '')}"

    @property
    def set_claims(self) -> frozenset[str]:
        """All claims that its set was meant to have."""
        return frozenset(filter(None, self.metadata.annotations.get(keys.SET, "").split(",")))

    @property
    def safety(self) -> bool:
        """Whether it holds the state before a restore; such a one has to be named to be used."""
        notes = self.metadata.annotations
        return keys.GEMINI_RESTORE in notes or keys.REQUEST in notes


class Snapshot(Marked, frozen=True):
    """A VolumeSnapshot."""

    spec: SnapshotSpec = SnapshotSpec()

    @property
    def claim_name(self) -> str:
        """The claim that it is of; empty where it was made from a content."""
        return self.spec.source.persistent_volume_claim_name

    @property
    def cut_with(self) -> OwnerReference | None:
        """The VolumeGroupSnapshot that it is a member of."""
        owners = self.metadata.owner_references
        return next((o for o in owners if o.kind == "VolumeGroupSnapshot"), None)

    @property
    def taken(self) -> datetime | None:
        """When the storage cut it, else when it was asked for."""
        return self.status.creation_time or self.metadata.creation_timestamp

    @property
    def ready(self) -> bool:
        return self.status.ready_to_use and self.metadata.deletion_timestamp is None


class GroupSnapshot(Marked, frozen=True):
    """A VolumeGroupSnapshot: snapshots of several claims, cut by one call of their driver."""


class ContentSpec(View, frozen=True):
    driver: str = ""
    deletion_policy: str = ""
    source_volume_mode: str = ""
    volume_snapshot_ref: Reference = Reference()


class ContentStatus(View, frozen=True):
    snapshot_handle: str = ""
    restore_size: int = 0
    ready_to_use: bool = False


class Content(View, frozen=True):
    """A VolumeSnapshotContent."""

    metadata: Metadata
    spec: ContentSpec = ContentSpec()
    status: ContentStatus = ContentStatus()


class SnapshotClass(View, frozen=True):
    """A VolumeSnapshotClass, or a VolumeGroupSnapshotClass."""

    metadata: Metadata
    driver: str = ""
    deletion_policy: str = ""


class StorageClass(View, frozen=True):
    metadata: Metadata
    provisioner: str = ""
    volume_binding_mode: str = "Immediate"
    reclaim_policy: str = "Delete"


class ClaimUse(View, frozen=True):
    claim_name: str = ""


class PodVolume(View, frozen=True):
    persistent_volume_claim: ClaimUse | None = None
    ephemeral: dict[str, object] | None = None
    name: str = ""


class Container(View, frozen=True):
    image: str = ""


class PodSpec(View, frozen=True):
    node_name: str = ""
    volumes: list[PodVolume] = []
    containers: list[Container] = []


class PodStatus(View, frozen=True):
    phase: str = ""


class Pod(View, frozen=True):
    metadata: Metadata
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def finished(self) -> bool:
        return self.status.phase in {"Succeeded", "Failed"}

    def mounts(self, claim: str) -> bool:
        """Whether one of its volumes is this claim of its namespace (a generic ephemeral one included)."""
        return any(
            (v.persistent_volume_claim and v.persistent_volume_claim.claim_name == claim)
            or (v.ephemeral is not None and f"{self.metadata.name}-{v.name}" == claim)
            for v in self.spec.volumes
        )


class AttachmentSource(View, frozen=True):
    persistent_volume_name: str = ""


class AttachmentSpec(View, frozen=True):
    source: AttachmentSource = AttachmentSource()
    node_name: str = ""


class Attachment(View, frozen=True):
    """A VolumeAttachment."""

    metadata: Metadata
    spec: AttachmentSpec = AttachmentSpec()
