"""The namespace that the operator runs in, its Deployment, and what goes with that."""

from __future__ import annotations

from typing import Any

from holdfast.api.resource import BUDGETS, DEPLOYMENTS, NAMESPACES, SERVICES
from holdfast.operator.manifests.settings import LABELS, MANAGED_BY, NAME, PORT, SELECTOR, Settings

Manifest = dict[str, Any]

_REPLICAS = 2
"""One works, the other takes over within seconds when its node goes."""
USER = 65532
"""Any user but root; the number that minimal images commonly give to theirs."""


def namespaces(settings: Settings) -> list[Manifest]:
    """One whose pods are held to the strictest of the Pod Security Standards, and the one of Velero's objects."""
    labels = {MANAGED_BY: NAME}
    own = _namespace(settings.namespace, labels | {"pod-security.kubernetes.io/enforce": "restricted"})
    return [own, *([_namespace(settings.velero_namespace, labels)] if settings.beside else [])]


def _namespace(name: str, labels: dict[str, str]) -> Manifest:
    return {
        "apiVersion": NAMESPACES.api_version,
        "kind": NAMESPACES.kind,
        "metadata": {"name": name, "labels": labels},
    }


def budget(settings: Settings) -> Manifest:
    """Draining nodes leaves one replica at work."""
    return {
        "apiVersion": BUDGETS.api_version,
        "kind": BUDGETS.kind,
        "metadata": settings.metadata(),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": SELECTOR}},
    }


def service(settings: Settings) -> Manifest:
    """Where the metrics of each replica are found."""
    return {
        "apiVersion": SERVICES.api_version,
        "kind": SERVICES.kind,
        "metadata": settings.metadata(),
        "spec": {
            "selector": SELECTOR,
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def deployment(settings: Settings) -> Manifest:
    return {
        "apiVersion": DEPLOYMENTS.api_version,
        "kind": DEPLOYMENTS.kind,
        "metadata": settings.metadata(),
        "spec": {
            "replicas": _REPLICAS,
            "selector": {"matchLabels": SELECTOR},
            "template": {"metadata": {"labels": LABELS}, "spec": _pod(settings)},
        },
    }


def _pod(settings: Settings) -> Manifest:
    return {
        "serviceAccountName": NAME,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": SELECTOR},
            }
        ],
        "containers": [_container(settings)],
        "volumes": [{"name": "scratch", "emptyDir": {}}],
    }


def _container(settings: Settings) -> Manifest:
    return {
        "name": "operator",
        "image": settings.image,
        "imagePullPolicy": "IfNotPresent",
        "args": [
            "operator",
            "--namespace=$(NAMESPACE)",
            f"--velero-namespace={settings.velero_namespace}",
            "--identity=$(POD)",
            f"--health-address=:{PORT}",
            f"--reached-at=http://{NAME}.$(NAMESPACE):{PORT}",
            "--log-format=json",
            f"--image={settings.image}",
        ],
        "env": [_field("NAMESPACE", "metadata.namespace"), _field("POD", "metadata.name")],
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "livenessProbe": _probe("/healthz", period=10),
        "readinessProbe": _probe("/readyz", period=5),
        "volumeMounts": [{"name": "scratch", "mountPath": "/tmp"}],  # noqa: S108  (where backups are collected)
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
