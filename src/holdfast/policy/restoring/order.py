"""The order in which objects come back, as steps whose objects can be made side by side.

Kinds have levels, after Velero's order: what others name comes before those who name it. Within the levels of
ordinary objects owners come first. Objects that carry data for others (secrets, claims) never wait for their
owners: whoever owns them would meanwhile make new ones with other contents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("customresourcedefinitions.apiextensions.k8s.io",),
    ("namespaces",),
    (
        "storageclasses.storage.k8s.io",
        "volumesnapshotclasses.snapshot.storage.k8s.io",
        "priorityclasses.scheduling.k8s.io",
        "runtimeclasses.node.k8s.io",
        "ingressclasses.networking.k8s.io",
        "clusterroles.rbac.authorization.k8s.io",
        "persistentvolumes",
    ),
    (
        "persistentvolumeclaims",
        "roles.rbac.authorization.k8s.io",
        "serviceaccounts",
        "limitranges",
        "networkpolicies.networking.k8s.io",
    ),
    (
        "clusterrolebindings.rbac.authorization.k8s.io",
        "rolebindings.rbac.authorization.k8s.io",
        "secrets",
        "configmaps",
        "clusterclasses.cluster.x-k8s.io",
    ),
)
_LATE: tuple[tuple[str, ...], ...] = (
    (
        "clusterbootstraps.run.tanzu.vmware.com",
        "clusters.cluster.x-k8s.io",
        "clusterresourcesets.addons.cluster.x-k8s.io",
        "apps.kappctrl.k14s.io",
        "packageinstalls.packaging.carvel.dev",
    ),
    (
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "apiservices.apiregistration.k8s.io",
    ),
)
"""Webhooks and extension servers last: until their pods run, they would refuse what comes after them."""
DEFINITIONS, SPACES = 0, 1
ORDINARY = len(_LEVELS)
"""The level of every kind that is not named."""
_LEVEL = {
    resource: level
    for levels, first in ((_LEVELS, 0), (_LATE, ORDINARY + 1))
    for level, resources in enumerate(levels, first)
    for resource in resources
}


class Node(NamedTuple):
    """An object, as far as its place in the order depends on it."""

    resource: str
    uid: str = ""
    owners: tuple[str, ...] = ()
    """Their UIDs."""


class Step(NamedTuple):
    """When an object comes back: by its level, and after so many owners."""

    level: int
    depth: int = 0


def level(resource: str) -> int:
    """Level of a kind."""
    return _LEVEL.get(resource, ORDINARY)


def steps(nodes: Sequence[Node]) -> list[Step]:
    """When each comes back. Owners that are not among the nodes are not waited for; nor is anything in a circle."""
    by_uid = {node.uid: index for index, node in enumerate(nodes) if node.uid}
    owners = [
        [by_uid[uid] for uid in node.owners if uid in by_uid] if level(node.resource) >= ORDINARY else []
        for node in nodes
    ]
    found: dict[int, Step] = {}
    for index in range(len(nodes)):
        if index not in found:
            _place(index, nodes, owners, found)
    return [found[index] for index in range(len(nodes))]


def _place(start: int, nodes: Sequence[Node], owners: list[list[int]], found: dict[int, Step]) -> None:
    path = [start]
    on_path = {start}
    while path:
        index = path[-1]
        waiting = next((o for o in owners[index] if o not in found and o not in on_path), None)
        if waiting is not None:
            path.append(waiting)
            on_path.add(waiting)
            continue
        own = Step(level(nodes[index].resource))
        found[index] = max([own, *(_after(found[o]) for o in owners[index] if o in found)])
        on_path.discard(path.pop())


def _after(step: Step) -> Step:
    return Step(step.level, step.depth + 1)
