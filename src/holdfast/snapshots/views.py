"""What the operator keeps in memory of each object: less than the API's own views, for clusters of any size."""

from __future__ import annotations

from datetime import datetime

import msgspec

from holdfast.api import keys
from holdfast.api.meta import View
from holdfast.api.restores import Members
from holdfast.api.selectors import LabelSelector
from holdfast.api.storage import ClaimUse, Container


class Glance(View, frozen=True):
    """Metadata without labels and annotations."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None


class ClaimNotes(msgspec.Struct, frozen=True):
    """Annotations of a claim: the driver of its volume, Gemini's restore point, the schedule of k8s-snapshots."""

    provisioner: str = msgspec.field(name="volume.kubernetes.io/storage-provisioner", default="")
    older: str = msgspec.field(name="volume.beta.kubernetes.io/storage-provisioner", default="")
    point: str = msgspec.field(name=keys.GEMINI_RESTORE, default="")
    deltas: str = msgspec.field(name=keys.DELTAS, default="")


class ClaimGlanceMetadata(Glance, frozen=True):
    labels: dict[str, str] = {}  # noqa: RUF012  (msgspec copies it)
    annotations: ClaimNotes = ClaimNotes()


class ClaimPlace(View, frozen=True):
    volume_name: str = ""
    storage_class_name: str | None = None


class PhaseOnly(View, frozen=True):
    phase: str = ""


class ClaimGlance(View, frozen=True):
    """A claim: is it there, is it bound, whose driver is it?"""

    metadata: ClaimGlanceMetadata
    spec: ClaimPlace = ClaimPlace()
    status: PhaseOnly = PhaseOnly()

    @property
    def driver(self) -> str:
        return self.metadata.annotations.provisioner or self.metadata.annotations.older


class VolumeNotes(msgspec.Struct, frozen=True):
    """Annotation of a volume: the schedule of k8s-snapshots."""

    deltas: str = msgspec.field(name=keys.DELTAS, default="")


class VolumeGlanceMetadata(Glance, frozen=True):
    annotations: VolumeNotes = VolumeNotes()


class VolumeGlance(View, frozen=True):
    """A volume: which schedule does it bear?"""

    metadata: VolumeGlanceMetadata


class Named(View, frozen=True):
    name: str = ""


class TemplateGlance(View, frozen=True):
    metadata: Named = Named()


class Ordinals(View, frozen=True):
    start: int = 0


class StatefulSetPlan(View, frozen=True):
    replicas: int = 1
    ordinals: Ordinals = Ordinals()
    selector: LabelSelector = LabelSelector()
    volume_claim_templates: list[TemplateGlance] = []  # noqa: RUF012  (msgspec copies it)


class StatefulSetGlance(View, frozen=True):
    """A StatefulSet: which claims are of its replicas?"""

    metadata: Glance
    spec: StatefulSetPlan = StatefulSetPlan()


class RestoreAsked(View, frozen=True):
    claim_name: str = ""
    group: str = ""
    point: str = ""
    set: Members = Members()


class Scaled(View, frozen=True):
    kind: str
    name: str
    namespace: str


class RestoreAt(PhaseOnly, frozen=True):
    workloads: list[Scaled] = []  # noqa: RUF012  (msgspec copies it)


class RestoreGlance(View, frozen=True):
    """A VolumeRestore: of which claim, where is it, and what does it scale?"""

    metadata: Glance
    spec: RestoreAsked = RestoreAsked()
    status: RestoreAt = RestoreAt()


class AttachedVolume(View, frozen=True):
    persistent_volume_name: str = ""


class Attached(View, frozen=True):
    source: AttachedVolume = AttachedVolume()


class AttachmentGlance(View, frozen=True):
    """A VolumeAttachment: of which volume?"""

    metadata: Glance
    spec: Attached = Attached()

    @property
    def volume(self) -> str:
        return self.spec.source.persistent_volume_name


class LabelledGlance(Glance, frozen=True):
    labels: dict[str, str] = {}  # noqa: RUF012  (msgspec copies it)


class VolumeUse(View, frozen=True):
    persistent_volume_claim: ClaimUse | None = None


class Parts(View, frozen=True):
    containers: list[Container] = []  # noqa: RUF012  (msgspec copies it)
    volumes: list[VolumeUse] = []  # noqa: RUF012  (msgspec copies it)


class PodGlance(View, frozen=True):
    """A pod: is it a Gemini, and which claims does it use?"""

    metadata: LabelledGlance
    spec: Parts = Parts()
    status: PhaseOnly = PhaseOnly()

    @property
    def claims(self) -> list[str]:
        """Names of the claims that it mounts by name."""
        uses = (volume.persistent_volume_claim for volume in self.spec.volumes)
        return [use.claim_name for use in uses if use]


class NamespaceGlance(View, frozen=True):
    """A namespace: which labels does it bear?"""

    metadata: LabelledGlance
