"""The namespace and the Deployment that the operator runs in."""

from __future__ import annotations

from typing import Any

from holdfast.api.resource import DEPLOYMENTS, NAMESPACES
from holdfast.operator.manifests.settings import LABELS, MANAGED_BY, NAME, PORT, SELECTOR, Settings

Manifest = dict[str, Any]

_USER = 65532
"""Any user but root; the number that minimal images commonly give to theirs."""


def namespace(settings: Settings) -> Manifest:
    """A namespace whose pods are held to the strictest of the Pod Security Standards."""
    labels = {MANAGED_BY: NAME, "pod-security.kubernetes.io/enforce": "restricted"}
    return {
        "apiVersion": NAMESPACES.api_version,
        "kind": NAMESPACES.kind,
        "metadata": {"name": settings.namespace, "labels": labels},
    }


def deployment(settings: Settings) -> Manifest:
    return {
        "apiVersion": DEPLOYMENTS.api_version,
        "kind": DEPLOYMENTS.kind,
        "metadata": settings.metadata(),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": SELECTOR},
            "template": {"metadata": {"labels": LABELS}, "spec": _pod(settings)},
        },
    }


def _pod(settings: Settings) -> Manifest:
    return {
        "serviceAccountName": NAME,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(settings)],
    }


def _container(settings: Settings) -> Manifest:
    return {
        "name": "operator",
        "image": settings.image,
        "args": [
            "operator",
            "--namespace=$(NAMESPACE)",
            "--identity=$(POD)",
            f"--health-address=:{PORT}",
            "--log-format=json",
        ],
        "env": [_field("NAMESPACE", "metadata.namespace"), _field("POD", "metadata.name")],
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "livenessProbe": _probe("/healthz", period=10),
        "readinessProbe": _probe("/readyz", period=5),
        "resources": {
            "requests": {"cpu": "25m", "memory": "64Mi"},
            "limits": {"cpu": "200m", "memory": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }


def _field(name: str, path: str) -> Manifest:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def _probe(path: str, *, period: int) -> Manifest:
    return {"httpGet": {"path": path, "port": "http"}, "periodSeconds": period}
