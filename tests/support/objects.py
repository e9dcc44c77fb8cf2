"""Manifests of what tests create. Small volumes, and intervals so long that nothing is taken unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import (
    CLAIMS,
    DEPLOYMENTS,
    PODS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    STATEFUL_SETS,
    VOLUME_RESTORES,
)

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


def stateful_set(name: str, *, replicas: int = 1, **spec: Any) -> Manifest:  # noqa: ANN401
    """A StatefulSet with a claim `data-NAME-ORDINAL` for each pod; nothing runs in them."""
    template = {"metadata": {"name": "data"}, "spec": claim()["spec"]}
    wanted: Manifest = {
        "serviceName": name,
        "podManagementPolicy": "Parallel",
        "template": _template(name, []),
        "volumeClaimTemplates": [template],
    }
    mounts = [{"name": "data", "mountPath": "/data"}]
    wanted["template"]["spec"]["containers"][0]["volumeMounts"] = mounts
    return manifest(STATEFUL_SETS, name, spec=_sized(name, replicas) | wanted | spec)


def deployment(
    name: str,
    *,
    claim: str = "",
    replicas: int = 1,
    metadata: Manifest | None = None,
    resource: Resource = DEPLOYMENTS,
) -> Manifest:
    """A Deployment, or another kind with a template of pods; they use the claim if one is given."""
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}] if claim else []
    spec = _sized(name, replicas) | {"template": _template(name, volumes)}
    return manifest(resource, name, metadata=metadata or {}, spec=spec)


def _sized(name: str, replicas: int) -> Manifest:
    return {"replicas": replicas, "selector": {"matchLabels": {"app": name}}}


def _template(name: str, volumes: list[Manifest]) -> Manifest:
    containers: list[Manifest] = [{"name": "main", "image": "none"}]
    spec = {"containers": containers, "volumes": volumes}
    return {"metadata": {"labels": {"app": name}}, "spec": spec}
