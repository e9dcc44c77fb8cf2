"""What the API server calls a resource: enough to build its URL and to name it in a message.

Resources that the product itself reads or writes are constants here, so that no discovery is needed for them;
anything else comes out of `holdfast.kube.discovery`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORBIDDEN = re.compile(r"[/%?#\x00-\x20]")


def can_name(text: str) -> bool:
    """Whether the text may stand in a path as the name of an object (the API server's own minimum)."""
    return text not in {"", ".", ".."} and not _FORBIDDEN.search(text)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one API version."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """As objects carry it: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As kubectl takes it without ambiguity: `pods`, `snapshotgroups.gemini.fairwinds.com`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str = "") -> str:
        """The URL path of the collection, of an object or of its subresource.

        Raises:
            ValueError: a namespaced object was named without its namespace, or a name could leave its place in the
                path.
        """
        for part in filter(None, (namespace, name)):
            if not can_name(part):
                raise ValueError(f"{part!r} cannot be the name of anything: it would be another path")
        if self.namespaced and name and not namespace:
            raise ValueError(f"{self.qualified} {name!r} needs a namespace")
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return "/".join(filter(None, [f"{root}{scope}/{self.plural}", name, subresource]))


ANYTHING = Resource("*", "*", "*", "*")
"""Every resource, in rules that say who may do what."""
NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False)
PODS = Resource("", "v1", "pods", "Pod")
CLAIMS = Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
VOLUMES = Resource("", "v1", "persistentvolumes", "PersistentVolume", namespaced=False)
SERVICE_ACCOUNTS = Resource("", "v1", "serviceaccounts", "ServiceAccount")
EVENTS = Resource("events.k8s.io", "v1", "events", "Event")
SERVICES = Resource("", "v1", "services", "Service")
BUDGETS = Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
DEPLOYMENTS = Resource("apps", "v1", "deployments", "Deployment")
STATEFUL_SETS = Resource("apps", "v1", "statefulsets", "StatefulSet")
REPLICA_SETS = Resource("apps", "v1", "replicasets", "ReplicaSet")
DAEMON_SETS = Resource("apps", "v1", "daemonsets", "DaemonSet")
JOBS = Resource("batch", "v1", "jobs", "Job")
AUTOSCALERS = Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease")
STORAGE_CLASSES = Resource("storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False)
CSI_DRIVERS = Resource("storage.k8s.io", "v1", "csidrivers", "CSIDriver", namespaced=False)
ATTACHMENTS = Resource("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", namespaced=False)
CRDS = Resource(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False
)
ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False
)
SNAPSHOTS = Resource("snapshot.storage.k8s.io", "v1", "volumesnapshots", "VolumeSnapshot")
CONTENTS = Resource(
    "snapshot.storage.k8s.io", "v1", "volumesnapshotcontents", "VolumeSnapshotContent", namespaced=False
)
SNAPSHOT_CLASSES = Resource(
    "snapshot.storage.k8s.io", "v1", "volumesnapshotclasses", "VolumeSnapshotClass", namespaced=False
)
GROUP_SNAPSHOTS = Resource(
    "groupsnapshot.storage.k8s.io", "v1", "volumegroupsnapshots", "VolumeGroupSnapshot"
)
GROUP_SNAPSHOT_CLASSES = Resource(
    "groupsnapshot.storage.k8s.io",
    "v1",
    "volumegroupsnapshotclasses",
    "VolumeGroupSnapshotClass",
    namespaced=False,
)
SNAPSHOT_GROUPS = Resource("gemini.fairwinds.com", "v1", "snapshotgroups", "SnapshotGroup")
VOLUME_RESTORES = Resource("holdfast.dev", "v1alpha1", "volumerestores", "VolumeRestore")
SNAPSHOT_POLICIES = Resource(
    "holdfast.dev", "v1alpha1", "clustersnapshotpolicies", "ClusterSnapshotPolicy", namespaced=False
)
RESTORE_DRILLS = Resource("holdfast.dev", "v1alpha1", "restoredrills", "RestoreDrill")
