"""Views of what has a scale: the fields that the kinds of `apps` and most custom resources share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.meta import FieldManager, Metadata, View
from holdfast.api.storage import Pod

if TYPE_CHECKING:
    from collections.abc import Iterable


class FieldOwner(FieldManager, frozen=True):
    """A field manager, and what it manages."""

    fields_v1: dict[str, Any] = {}

    @property
    def has_replicas(self) -> bool:
        """Whether the number of replicas is its last word."""
        return "f:replicas" in self.fields_v1.get("f:spec", {})


class OwnedMetadata(Metadata, frozen=True):
    managed_fields: list[FieldOwner] = []

    @property
    def writer(self) -> str:
        """Who wrote last, other than to the status."""
        return _newest(f for f in self.managed_fields if f.subresource != "status")

    @property
    def scaler(self) -> str:
        """Whose `spec.replicas` is; empty where it was set through the scale subresource, which does not tell."""
        return _newest(f for f in self.managed_fields if f.has_replicas)


def _newest(entries: Iterable[FieldOwner]) -> str:
    newest = max(entries, key=lambda f: str(f.time), default=None)
    return newest.manager if newest else ""


class ClaimRetention(View, frozen=True):
    when_scaled: str = ""


class ObjectSpec(View, frozen=True):
    persistent_volume_claim_retention_policy: ClaimRetention = ClaimRetention()


class ObjectStatus(View, frozen=True):
    observed_generation: int | None = None
    ready_replicas: int | None = None


class Scalable(View, frozen=True):
    """An object with a scale subresource."""

    metadata: OwnedMetadata
    spec: ObjectSpec = ObjectSpec()
    status: ObjectStatus = ObjectStatus()


class Count(View, frozen=True):
    replicas: int = 0


class ScaleStatus(Count, frozen=True):
    """`selector` is that of its pods; empty where the kind does not say."""

    selector: str = ""


class Scale(View, frozen=True):
    """`autoscaling/v1` Scale."""

    metadata: Metadata
    spec: Count = Count()
    status: ScaleStatus = ScaleStatus()


class User(Pod, frozen=True):
    """A pod, and who made it."""

    metadata: OwnedMetadata


class OwnedObject(View, frozen=True):
    """Any object, for who made it and what owns it."""

    metadata: OwnedMetadata


class TargetReference(View, frozen=True):
    kind: str = ""
    name: str = ""


class AutoscalerSpec(View, frozen=True):
    scale_target_ref: TargetReference = TargetReference()


class Autoscaler(View, frozen=True):
    """A HorizontalPodAutoscaler."""

    metadata: Metadata
    spec: AutoscalerSpec = AutoscalerSpec()
