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
_ADMIN = ("ClusterRole", "cluster-admin")


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


def restoring(settings: Settings) -> list[Manifest]:
    """What Restore objects take: a backup may hold any object, RBAC included. Only if it was asked for."""
    return [_binding(CLUSTER_BINDINGS, _ADMIN, settings.metadata_of_restores(), settings)] * settings.restores


def _object(resource: Resource, metadata: Manifest) -> Manifest:
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}


def _role(
    resource: Resource, granted: tuple[Right, ...], binding: Resource, metadata: Manifest, settings: Settings
) -> list[Manifest]:
    """A role with its binding to the operator's account."""
    role = _object(resource, metadata) | {"rules": [right.rule() for right in granted]}
    return [role, _binding(binding, (resource.kind, metadata["name"]), metadata, settings)]


def _binding(binding: Resource, role: tuple[str, str], metadata: Manifest, settings: Settings) -> Manifest:
    kind, name = role
    return _object(binding, metadata) | {
        "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": settings.namespace}],
    }
