"""The operator's account and its rights as RBAC objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.resource import SERVICE_ACCOUNTS, Resource
from holdfast.operator.manifests.rights import CLUSTER_WIDE, IN_OWN_NAMESPACE
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
    return _object(SERVICE_ACCOUNTS, settings)


def cluster_wide(settings: Settings) -> list[Manifest]:
    """The ClusterRole and its binding."""
    return [_role(CLUSTER_ROLES, CLUSTER_WIDE, settings), _binding(CLUSTER_BINDINGS, CLUSTER_ROLES, settings)]


def in_own_namespace(settings: Settings) -> list[Manifest]:
    """The Role and its binding."""
    return [_role(ROLES, IN_OWN_NAMESPACE, settings), _binding(BINDINGS, ROLES, settings)]


def _object(resource: Resource, settings: Settings) -> Manifest:
    metadata = settings.metadata(namespaced=resource.namespaced)
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}


def _role(resource: Resource, granted: tuple[Right, ...], settings: Settings) -> Manifest:
    return _object(resource, settings) | {"rules": [right.rule() for right in granted]}


def _binding(resource: Resource, role: Resource, settings: Settings) -> Manifest:
    return _object(resource, settings) | {
        "roleRef": {"apiGroup": _GROUP, "kind": role.kind, "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": settings.namespace}],
    }
