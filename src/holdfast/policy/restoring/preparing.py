"""An object as it is made anew: without what its old cluster wrote into it, at its new place.

Everything here changes the document that it is given.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast.api.keys import VELERO_BACKUP_NAME, VELERO_RESTORE_NAME
from holdfast.policy.errors import PolicyError
from holdfast.policy.labelling import label_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Document = dict[str, Any]
_OF_SERVER = (
    "generateName",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "managedFields",
)
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_JOB_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_BINDING = (
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/selected-node",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/storage-provisioner",
)


class MalformedError(PolicyError):
    """A document that no API server has written."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a restore changes on the way.

    Attributes:
        backup: name of the backup, for a label.
        restore: name of the restore, for another.
        namespaces: old names with the new ones; the others stay.
        classes: old storage classes with the new ones.
        node_ports: whether ports of nodes are kept.
    """

    backup: str
    restore: str
    namespaces: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    node_ports: bool = False

    @property
    def labels(self) -> dict[str, str]:
        """What everything that it makes bears."""
        return {
            VELERO_BACKUP_NAME: label_value(self.backup),
            VELERO_RESTORE_NAME: label_value(self.restore),
        }

    def namespace(self, old: str) -> str:
        """The name that a namespace has afterwards."""
        return self.namespaces.get(old, old)


def prepared(document: Document, resource: str, change: Change) -> Document:
    """The document as it is to be sent; owners are added by whoever knows their new UIDs.

    Raises:
        MalformedError: the document cannot be one of its kind.
    """
    document.pop("status", None)
    metadata = document["metadata"]
    for name in _OF_SERVER:
        metadata.pop(name, None)
    try:
        if act := _ACTS.get(resource):
            act(document, change)
    except (AttributeError, TypeError) as error:
        raise MalformedError(
            f"{resource} {metadata['name']} is not of the form of its kind: {error}"
        ) from error
    if "namespace" in metadata:
        metadata["namespace"] = change.namespace(metadata["namespace"])
    metadata["labels"] = (metadata.get("labels") or {}) | change.labels
    return document


def _namespace(document: Document, change: Change) -> None:
    metadata = document["metadata"]
    metadata["name"] = change.namespace(metadata["name"])
    document.pop("spec", None)
    (metadata.get("labels") or {}).pop("kubernetes.io/metadata.name", None)


def _job(document: Document, _: Change) -> None:
    spec = document.get("spec", {})
    template = spec.get("template", {}).get("metadata", {}).get("labels") or {}
    selector = spec.get("selector") or {}
    for labels in (template, selector.get("matchLabels") or {}, document["metadata"].get("labels") or {}):
        for name in _JOB_LABELS:
            labels.pop(name, None)
    if not spec.get("manualSelector") and not any(selector.values()):
        spec.pop("selector", None)


def _pod(document: Document, _: Change) -> None:
    spec = document.get("spec", {})
    for name in ("nodeName", "priority"):
        spec.pop(name, None)
    token = f"{spec.get('serviceAccountName', 'default')}-token-"
    _without(spec, "volumes", token)
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(kind) or ():
            _without(container, "volumeMounts", token)
    spec.pop("ephemeralContainers", None)


def _without(holder: Document, key: str, prefix: str) -> None:
    if key in holder:
        holder[key] = [each for each in holder[key] or () if not each.get("name", "").startswith(prefix)]


def _service(document: Document, change: Change) -> None:
    spec = document.get("spec", {})
    if spec.get("clusterIP") != "None":
        for name in ("clusterIP", "clusterIPs"):
            spec.pop(name, None)
    if change.node_ports:
        return
    asked = _asked_ports(document)
    if spec.get("healthCheckNodePort") not in asked:
        spec.pop("healthCheckNodePort", None)
    for port in spec.get("ports") or ():
        if port.get("nodePort") not in asked:
            port.pop("nodePort", None)


def _asked_ports(service: Document) -> set[int]:
    """Ports of nodes that somebody asked for by number; all others the API server chose."""
    metadata = service["metadata"]
    try:
        applied = json.loads((metadata.get("annotations") or {}).get(_LAST_APPLIED, "{}"))
        spec = applied.get("spec", {})
        ports = [port.get("nodePort") for port in spec.get("ports") or ()]
    except (ValueError, AttributeError):
        return set()
    return {port for port in [*ports, spec.get("healthCheckNodePort")] if isinstance(port, int) and port}


def _account(document: Document, _: Change) -> None:
    prefix = f"{document['metadata']['name']}-token-"
    for key in ("secrets", "imagePullSecrets"):
        _without(document, key, prefix)


def _secret(document: Document, _: Change) -> None:
    if document.get("type") != "kubernetes.io/service-account-token":
        return
    for name in ("token", "ca.crt", "namespace"):
        (document.get("data") or {}).pop(name, None)
    (document["metadata"].get("annotations") or {}).pop("kubernetes.io/service-account.uid", None)


def _binding(document: Document, change: Change) -> None:
    for subject in document.get("subjects") or ():
        if "namespace" in subject:
            subject["namespace"] = change.namespace(subject["namespace"])


def _claim(document: Document, change: Change) -> None:
    _classed(document, change)
    annotations = document["metadata"].get("annotations") or {}
    for name in _BINDING:
        annotations.pop(name, None)


def _volume(document: Document, change: Change) -> None:
    _classed(document, change)
    owner = document.get("spec", {}).get("claimRef") or {}
    for name in ("uid", "resourceVersion"):
        owner.pop(name, None)
    if "namespace" in owner:
        owner["namespace"] = change.namespace(owner["namespace"])


def _set(document: Document, change: Change) -> None:
    for template in document.get("spec", {}).get("volumeClaimTemplates") or ():
        _classed(template, change)


def _classed(document: Document, change: Change) -> None:
    spec, annotations = document.get("spec", {}), document.get("metadata", {}).get("annotations") or {}
    for holder, key in ((spec, "storageClassName"), (annotations, _CLASS_ANNOTATION)):
        if holder.get(key) in change.classes:
            holder[key] = change.classes[holder[key]]


def _webhooks(document: Document, _: Change) -> None:
    for hook in document.get("webhooks") or ():
        if hook.get("sideEffects") in {"Unknown", "Some"}:
            hook["sideEffects"] = "None"


def _definition(document: Document, _: Change) -> None:
    spec = document.get("spec", {})
    if document.get("apiVersion", "").endswith("/v1") and spec.get("preserveUnknownFields"):
        spec["preserveUnknownFields"] = False


_ACTS: Mapping[str, Callable[[Document, Change], None]] = {
    "namespaces": _namespace,
    "jobs.batch": _job,
    "pods": _pod,
    "services": _service,
    "serviceaccounts": _account,
    "secrets": _secret,
    "rolebindings.rbac.authorization.k8s.io": _binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _binding,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume,
    "statefulsets.apps": _set,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
}
