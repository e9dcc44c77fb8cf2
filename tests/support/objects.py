"""Manifests of what tests create. Small volumes, and intervals so long that nothing is taken unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, PODS, SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES

if TYPE_CHECKING:
    from holdfast.api.resource import Resource

Manifest = dict[str, Any]


def manifest(resource: Resource, name: str, **fields: Any) -> Manifest:  # noqa: ANN401  of a manifest
    """An object; `metadata` among the fields is merged with the name."""
    metadata = {"name": name} | fields.pop("metadata", {})
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **fields}


def claim(
    name: str = "data",
    *,
    size: str = "1Mi",
    metadata: Manifest | None = None,
    **spec: Any,  # noqa: ANN401  of a claim
) -> Manifest:
    """A claim of the default class, if `storageClassName` is not among the spec's fields."""
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return manifest(CLAIMS, name, metadata=metadata or {}, spec=wanted | spec)


def snapshot(name: str, of: str = "data", *, class_name: str = "", **metadata: Any) -> Manifest:  # noqa: ANN401
    spec: Manifest = {"source": {"persistentVolumeClaimName": of}}
    chosen = {"volumeSnapshotClassName": class_name} if class_name else {}
    return manifest(SNAPSHOTS, name, metadata=metadata, spec=spec | chosen)


def group_snapshot(group: str, stamp: int, of: str = "data", **metadata: Any) -> Manifest:  # noqa: ANN401
    """A snapshot that somebody took by hand for a group: a restore point of it, outside its schedule."""
    notes = {keys.GEMINI_GROUP: group, keys.MANUAL: str(stamp)}
    return snapshot(
        f"{group}-{stamp}",
        of,
        labels={keys.GROUP: group},
        annotations=notes | metadata.pop("annotations", {}),
        **metadata,
    )


def group(
    name: str = "backups",
    *,
    claim: str = "data",
    schedule: list[Manifest] | None = None,
    **spec: Any,  # noqa: ANN401
) -> Manifest:
    """A SnapshotGroup; without a schedule it takes nothing by itself."""
    wanted = {"persistentVolumeClaim": {"claimName": claim}, "schedule": schedule or []}
    return manifest(SNAPSHOT_GROUPS, name, spec=wanted | spec)


def restore(snapshot: str, *, name: str = "restore", claim: str = "data", **spec: Any) -> Manifest:  # noqa: ANN401
    """A VolumeRestore as `holdfast group restore` makes it."""
    wanted = {"claimName": claim, "snapshotName": snapshot}
    metadata = {"finalizers": [keys.RESTORE_FINALIZER]}
    return manifest(VOLUME_RESTORES, name, metadata=metadata, spec=wanted | spec)


def pod(name: str, claim: str = "data", **spec: Any) -> Manifest:  # noqa: ANN401
    """A pod that uses the claim; it is placed on the paper node, where nothing runs, and stays Pending."""
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    containers = [{"name": "main", "image": "none"}]
    return manifest(PODS, name, spec={"containers": containers, "volumes": [volume]} | spec)
