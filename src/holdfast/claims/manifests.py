"""The objects that the machine creates, from what was recorded. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, SNAPSHOTS
from holdfast.api.storage import SELECTED_NODE

if TYPE_CHECKING:
    from collections.abc import Collection

Manifest = dict[str, Any]

_BINDING_NOTES = (
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/storage-provisioner",
    SELECTED_NODE,
)
_KEPT_SPEC = ("accessModes", "storageClassName", "volumeMode", "volumeAttributesClassName", "resources")


def bare_claim(recorded: Manifest, owners: Collection[str]) -> Manifest:
    """The claim as its user made it: without traces of the volume it had.

    Args:
        recorded: the whole claim as it was.
        owners: UIDs of the owners that exist now; a dead one would have the claim garbage-collected.
    """
    old = recorded["metadata"]
    notes = {k: v for k, v in old.get("annotations", {}).items() if k not in _BINDING_NOTES}
    references = [o for o in old.get("ownerReferences", []) if o["uid"] in owners]
    finalizers = [f for f in old.get("finalizers", []) if not _of_the_cluster(f)]
    metadata = {
        "name": old["name"],
        "namespace": old["namespace"],
        "labels": old.get("labels", {}),
        "annotations": notes,
        "ownerReferences": references,
        "finalizers": finalizers,
    }
    spec = {k: recorded["spec"][k] for k in _KEPT_SPEC if k in recorded["spec"]}
    return {
        "apiVersion": CLAIMS.api_version,
        "kind": CLAIMS.kind,
        "metadata": {k: v for k, v in metadata.items() if v},
        "spec": spec,
    }


def _of_the_cluster(finalizer: str) -> bool:
    return finalizer.startswith(("kubernetes.io/", "snapshot.storage.kubernetes.io/"))


def restored_claim(claim: Manifest, snapshot: str, size: str, point: str, node: str = "") -> Manifest:
    """A bare claim that gets its volume from a snapshot; marked as Gemini marks what it restored.

    Args:
        claim: the bare claim.
        snapshot: what it is made from.
        size: what it requests, as a quantity.
        point: what Gemini calls the snapshot.
        node: the volume is made for this one; if it is gone, the provisioner lets the scheduler choose.
    """
    notes = claim["metadata"].get("annotations", {}) | {
        keys.GEMINI_MANAGED_BY: keys.GEMINI_MANAGER,
        keys.GEMINI_RESTORE: point,
        **({SELECTED_NODE: node} if node else {}),
    }
    resources = claim["spec"].get("resources", {})
    requests = resources.get("requests", {}) | {"storage": size}
    source = {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": snapshot}
    return claim | {
        "metadata": claim["metadata"] | {"annotations": notes},
        "spec": claim["spec"] | {"resources": resources | {"requests": requests}, "dataSource": source},
    }


def returned_claim(claim: Manifest, volume: str) -> Manifest:
    """A bare claim that takes a volume which waits for it."""
    return claim | {"spec": claim["spec"] | {"volumeName": volume}}


def safety_snapshot(
    name: str,
    namespace: str,
    claim: str,
    *,
    group: str,
    point: str,
    stamp: int,
    request: str,
    class_name: str,
) -> Manifest:
    """A snapshot of the state before a restore, as Gemini marks it: outside all tiers."""
    gemini = {
        keys.GEMINI_MANAGED_BY: keys.GEMINI_MANAGER,
        keys.GEMINI_GROUP: group,
        keys.GEMINI_TIMESTAMP: str(stamp),
        keys.GEMINI_RESTORE: point,
    }
    notes = {keys.REQUEST: request} | (gemini if group else {})
    chosen = {"volumeSnapshotClassName": class_name} if class_name else {}
    return {
        "apiVersion": SNAPSHOTS.api_version,
        "kind": SNAPSHOTS.kind,
        "metadata": {"name": name, "namespace": namespace, "annotations": notes},
        "spec": {"source": {"persistentVolumeClaimName": claim}} | chosen,
    }
