"""The objects of an installation, as `holdfast install` applies and prints them. No I/O."""

from __future__ import annotations

from typing import Any

from holdfast.api import crds, velero_crds
from holdfast.api.resource import (
    BUDGETS,
    CRDS,
    DEPLOYMENTS,
    NAMESPACES,
    SERVICE_ACCOUNTS,
    SERVICES,
    Resource,
)
from holdfast.operator.manifests import access, workload
from holdfast.operator.manifests.settings import Settings

Manifest = dict[str, Any]

KINDS: dict[str, Resource] = {
    kind.kind: kind
    for kind in (
        NAMESPACES,
        CRDS,
        SERVICE_ACCOUNTS,
        access.CLUSTER_ROLES,
        access.CLUSTER_BINDINGS,
        access.ROLES,
        access.BINDINGS,
        BUDGETS,
        SERVICES,
        DEPLOYMENTS,
    )
}
"""The resource of each kind that an installation has."""


def installation(settings: Settings) -> list[Manifest]:
    """Everything, in the order in which it can be applied."""
    return [
        *workload.namespaces(settings),
        *crds.manifests(),
        *velero_crds.manifests(),
        access.account(settings),
        *access.cluster_wide(settings),
        *access.in_own_namespace(settings),
        *access.beside_velero(settings),
        *access.restoring(settings),
        workload.budget(settings),
        workload.service(settings),
        workload.deployment(settings),
    ]


def resource_of(manifest: Manifest) -> Resource:
    """The resource of an object of the installation."""
    return KINDS[manifest["kind"]]


__all__ = ["KINDS", "Manifest", "Settings", "installation", "resource_of"]
