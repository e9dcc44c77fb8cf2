"""Which objects of a backup come back, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from holdfast.policy import naming
from holdfast.policy.including import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdfast.policy.selecting import Labels

VOLUMES, CLAIMS, DEFINITIONS = (
    "persistentvolumes",
    "persistentvolumeclaims",
    "customresourcedefinitions.apiextensions.k8s.io",
)
NAMESPACES = "namespaces"
NEVER = frozenset(
    {
        "nodes",
        "events",
        "events.events.k8s.io",
        "backups.velero.io",
        "restores.velero.io",
        "resticrepositories.velero.io",
        "backuprepositories.velero.io",
        "deletebackuprequests.velero.io",
        "downloadrequests.velero.io",
        "serverstatusrequests.velero.io",
        "podvolumebackups.velero.io",
        "podvolumerestores.velero.io",
        "datauploads.velero.io",
        "datadownloads.velero.io",
        "volumerestores.holdfast.dev",
        "csinodes.storage.k8s.io",
        "csistoragecapacities.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
        "volumesnapshots.snapshot.storage.k8s.io",
        "volumesnapshotcontents.snapshot.storage.k8s.io",
    }
)
"""State of another cluster, and requests that would be carried out again without their status. Snapshots come back
with the claims that are made from them."""
POD_MAKERS = frozenset(
    {"replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch", "replicationcontrollers"}
)
"""Kinds that make their pods anew, so that these come back with them."""
_OWN_MAPS = frozenset({"kube-root-ca.crt", "openshift-service-ca.crt"})
_SLICE_MANAGERS = frozenset({"endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"})
_API_SERVER = {
    "services": "kubernetes",
    "endpoints": "kubernetes",
    "endpointslices.discovery.k8s.io": "kubernetes",
}


class Left(Enum):
    """Why an object does not come back, in words for people."""

    NOT_WANTED = "the filters do not want it"
    NEVER = "it is state of the cluster that it was saved in"
    OF_CLUSTER = "every cluster makes it by itself"
    BY_CONTROLLER = "its controller makes it anew"
    MIRROR = "it mirrors a pod that a kubelet runs from a file"
    COMPLETED = "it had done its work"
    NEW_VOLUME = "its claim gets a new volume"
    RELATED = "it comes back only if something needs it"


@dataclass(frozen=True, slots=True)
class Seen:
    """Of an object: what decides whether it comes back.

    Attributes:
        phase: `status.phase`.
        done: whether `status.completionTime` is set.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    phase: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants back, as Velero's fields say it.

    Attributes:
        namespaces: by name or pattern, as they were saved.
        resources: names as people write them.
        cluster_resources: None: only with all namespaces, and what others need.
        selectors: label selectors of which one must admit an object; none: every object.
        resolve: from a name as people write it to `deployments.apps`, as far as the cluster knows it.
    """

    namespaces: Names = field(default_factory=Names)
    resources: Names = field(default_factory=Names)
    cluster_resources: bool | None = None
    selectors: tuple[Labels, ...] = ()
    resolve: Callable[[str], str | None] = lambda _: None

    def problems(self) -> list[str]:
        """Why this cannot be followed, in sentences for people."""
        both = [
            f"{title} both includes and excludes {name!r}"
            for title, names in (("namespaces", self.namespaces), ("resources", self.resources))
            for name in sorted({*names.include} & {*names.exclude})
        ]
        never = [
            f"{name!r} is never restored: it is state of the cluster that it was saved in"
            for name in self.resources.include
            if any(self._means(name, resource) for resource in NEVER)
        ]
        return both + never

    def left(self, resource: str, namespace: str, name: str, seen: Seen) -> Left | None:
        """Why an object stays away; None: it comes back."""
        if resource in NEVER:
            return Left.NEVER
        if resource == NAMESPACES:
            return self._left_namespace(name, seen)
        if not self._admits(resource, namespace, seen):
            claim = resource == CLAIMS and self._admits(resource, namespace, None)
            return Left.RELATED if claim else self._left_related(resource)
        if found := _by_itself(resource, namespace, name, seen):
            return found
        if not namespace and not self._all_of_cluster:
            return self._left_related(resource)
        return None

    def _left_related(self, resource: str) -> Left:
        related = resource in {VOLUMES, DEFINITIONS} and self.cluster_resources is not False
        return Left.RELATED if related and not self._excluded(resource) else Left.NOT_WANTED

    def _left_namespace(self, name: str, seen: Seen) -> Left | None:
        if not self.namespaces.admits(name):
            return Left.NOT_WANTED
        return None if self._admits(NAMESPACES, "", seen) else Left.RELATED

    def _admits(self, resource: str, namespace: str, seen: Seen | None) -> bool:
        """Whether the filters want it; without labels, those that are about labels say nothing."""
        if namespace and not self.namespaces.admits(namespace):
            return False
        if not self._of_kinds(resource):
            return False
        labels = dict(seen.labels) if seen else {}
        return (
            seen is None or not self.selectors or any(selector.admits(labels) for selector in self.selectors)
        )

    def _of_kinds(self, resource: str) -> bool:
        included = self.resources.open or any(self._means(name, resource) for name in self.resources.include)
        return included and not self._excluded(resource)

    def _excluded(self, resource: str) -> bool:
        return any(name != "*" and self._means(name, resource) for name in self.resources.exclude)

    def _means(self, name: str, resource: str) -> bool:
        return self.resolve(name) == resource or naming.means(name, resource)

    @property
    def _all_of_cluster(self) -> bool:
        return self.namespaces.everything if self.cluster_resources is None else self.cluster_resources


def _by_itself(resource: str, namespace: str, name: str, seen: Seen) -> Left | None:
    """Why it needs nobody to bring it back."""
    if resource == "pods":
        return _of_pod(seen)
    if resource == "jobs.batch" and seen.done:
        return Left.COMPLETED
    own = (
        (resource == "configmaps" and name in _OWN_MAPS)
        or (namespace == "default" and _API_SERVER.get(resource) == name)
        or seen.labels.get("kubernetes.io/bootstrapping") == "rbac-defaults"
        or seen.labels.get("kube-aggregator.kubernetes.io/automanaged") in {"true", "onstart"}
        or seen.annotations.get("apf.kubernetes.io/autoupdate-spec") == "true"
        or (resource == "priorityclasses.scheduling.k8s.io" and name.startswith("system-"))
    )
    if own:
        return Left.OF_CLUSTER
    managed = (
        seen.labels.get("endpointslice.kubernetes.io/managed-by") in _SLICE_MANAGERS
        or "endpoints.kubernetes.io/managed-by" in seen.labels
        or "endpoints.kubernetes.io/last-change-trigger-time" in seen.annotations
    )
    return Left.BY_CONTROLLER if managed else None


def _of_pod(seen: Seen) -> Left | None:
    if "kubernetes.io/config.mirror" in seen.annotations:
        return Left.MIRROR
    if seen.phase in {"Succeeded", "Failed"}:
        return Left.COMPLETED
    return None
