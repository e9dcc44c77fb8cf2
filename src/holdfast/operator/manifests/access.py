"""The operator's account and its rights as RBAC objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.resource import SERVICE_ACCOUNTS, Resource
from holdfast.operator.manifests.rights import BESIDE_VELERO, CLUSTER_WIDE, IN_OWN_NAMESPACE
from holdfast.operator.manifests.settings import NAME, Settings

if TYPE_CHECKING:
    from holdfast.operator.manifests.rights import Right

Manifest = dict[str, Any]

_GROUP = "rbac.authorization.k8s.io"
CLUSTER_ROLES = Resource(_GROUP, "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_BINDINGS = Resource(_GROUP, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)
ROLES = Resource(_GROUP, "v1", "roles", "Role")
BINDINGS = Resource(_GROUP, "v1", "rolebindings", "RoleBinding")


def account(settings: Settings) -> Manifest:
    return _object(SERVICE_ACCOUNTS, settings.metadata())


def cluster_wide(settings: Settings) -> list[Manifest]:
    """The ClusterRole and its binding."""
    metadata = settings.metadata(namespaced=False)
    return _role(CLUSTER_ROLES, CLUSTER_WIDE, CLUSTER_BINDINGS, metadata, settings)


def in_own_namespace(settings: Settings) -> list[Manifest]:
    """The Role and its binding."""
    return _role(ROLES, IN_OWN_NAMESPACE, BINDINGS, settings.metadata(), settings)


def beside_velero(settings: Settings) -> list[Manifest]:
    """The Role and its binding in the namespace where Velero's objects are."""
    return _role(ROLES, BESIDE_VELERO, BINDINGS, settings.metadata_beside_velero(), settings)


def _object(resource: Resource, metadata: Manifest) -> Manifest:
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}


def _role(
    resource: Resource, granted: tuple[Right, ...], binding: Resource, metadata: Manifest, settings: Settings
) -> list[Manifest]:
    """A role with its binding to the operator's account."""
    role = _object(resource, metadata) | {"rules": [right.rule() for right in granted]}
    bound = {
        "roleRef": {"apiGroup": _GROUP, "kind": resource.kind, "name": metadata["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": settings.namespace}],
    }
    return [role, _object(binding, metadata) | bound]
