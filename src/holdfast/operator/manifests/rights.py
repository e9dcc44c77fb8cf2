"""What the operator may do in a cluster, one line and one reason each.

The operator runs under exactly these rights, also in every test. `holdfast doctor` asks the API server for each
of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdfast.api import resource as kinds
from holdfast.api import velero

if TYPE_CHECKING:
    from holdfast.api.resource import Resource

READ = ("get", "list", "watch")
WRITE_STATUS = ("patch", "update")


@dataclass(frozen=True, slots=True)
class Right:
    """Verbs on one resource of the API, and why the operator needs them."""

    resource: Resource
    verbs: tuple[str, ...]
    reason: str
    subresource: str = ""

    @property
    def plural(self) -> str:
        """As rules name it: `snapshotgroups/status`."""
        return f"{self.resource.plural}/{self.subresource}" if self.subresource else self.resource.plural

    def rule(self) -> dict[str, Any]:
        """The rule of a ClusterRole or Role."""
        return {
            "apiGroups": [self.resource.group],
            "resources": [self.plural],
            "verbs": list(self.verbs),
        }


CLUSTER_WIDE: tuple[Right, ...] = (
    Right(kinds.SNAPSHOT_GROUPS, READ, "know the schedules; the spec that a user wrote is never written"),
    Right(kinds.SNAPSHOT_GROUPS, ("create", "update"), "make the groups of cluster-wide policies"),
    Right(kinds.RESTORE_DRILLS, READ, "know the drills"),
    Right(kinds.RESTORE_DRILLS, WRITE_STATUS, "record each step of a run, and what it proved", "status"),
    Right(kinds.SNAPSHOT_POLICIES, READ, "know the cluster-wide policies"),
    Right(kinds.SNAPSHOT_POLICIES, WRITE_STATUS, "report what they cover", "status"),
    Right(kinds.SNAPSHOT_GROUPS, WRITE_STATUS, "report, and record before acting", "status"),
    Right(
        kinds.VOLUME_RESTORES,
        (*READ, "create", "update", "patch", "delete"),
        "the journal of a restore: made for an annotation, kept by a finalizer, removed when it is old",
    ),
    Right(kinds.VOLUME_RESTORES, WRITE_STATUS, "record each step before it is done", "status"),
    Right(kinds.SNAPSHOTS, (*READ, "create", "patch", "delete"), "take, hold and retire snapshots"),
    Right(kinds.CONTENTS, (*READ, "patch"), "check bindings; hand retained contents back on request"),
    Right(kinds.SNAPSHOT_CLASSES, READ, "find the class of a driver"),
    Right(kinds.GROUP_SNAPSHOTS, (*READ, "create", "delete"), "cut the snapshots of a set by one call"),
    Right(kinds.GROUP_SNAPSHOT_CLASSES, READ, "know whether a driver can cut a set by one call"),
    Right(kinds.STORAGE_CLASSES, READ, "know the driver and when volumes are bound"),
    Right(kinds.CLAIMS, (*READ, "create", "delete"), "exchange the volume behind a claim"),
    Right(kinds.CLAIMS, ("patch",), "fence a claim against a delete that was decided before a rollback"),
    Right(
        kinds.NAMESPACES, READ, "know their labels; let journals go with a namespace that is being deleted"
    ),
    Right(kinds.STATEFUL_SETS, ("list", "watch"), "know which claims are of their replicas"),
    Right(
        kinds.STATEFUL_SETS,
        ("get",),
        "know whether the owner of a claim is alive, what it does with claims when scaled, when it is ready",
    ),
    Right(kinds.DEPLOYMENTS, ("get",), "know when it is ready, and who scaled it"),
    Right(kinds.REPLICA_SETS, ("get",), "go from a pod up to its Deployment"),
    Right(kinds.DAEMON_SETS, ("get",), "go from a pod up to what cannot be scaled"),
    Right(kinds.JOBS, ("get",), "go from a pod up to what ends by itself"),
    Right(kinds.STATEFUL_SETS, ("get", "update"), "scale it down for a restore, and up again", "scale"),
    Right(kinds.DEPLOYMENTS, ("get", "update"), "scale it down for a restore, and up again", "scale"),
    Right(kinds.REPLICA_SETS, ("get", "update"), "scale one without a Deployment the same way", "scale"),
    Right(kinds.AUTOSCALERS, ("list",), "name the one that sizes a workload which rises again"),
    Right(kinds.VOLUMES, (*READ, "patch"), "retain volumes before anything is let go, re-bind them"),
    Right(kinds.PODS, READ, "see who uses a claim, and whether a Gemini or a Velero is alive"),
    Right(kinds.PODS, ("create", "delete"), "run the checks of drills; no other pod is made or deleted"),
    Right(kinds.ATTACHMENTS, READ, "see whether a volume is still attached"),
    Right(kinds.EVENTS, ("create", "patch"), "tell users what happened"),
    Right(kinds.ACCESS_REVIEWS, ("create",), "know before a restore that its last step is allowed"),
    Right(kinds.ANYTHING, ("get", "list"), "save whatever a Backup asks for, of any kind, Secrets as well"),
)
IN_OWN_NAMESPACE: tuple[Right, ...] = (
    Right(kinds.LEASES, ("get", "create", "update"), "let one of several operators work"),
    Right(velero.SECRETS, ("get", "create"), "keep the key that addresses of files are signed with"),
)
BESIDE_VELERO: tuple[Right, ...] = (
    Right(velero.SECRETS, ("get",), "read the credential that a location names"),
    Right(velero.LOCATIONS, (*READ, "patch"), "know the locations, and say whether they can be reached"),
    Right(
        velero.VELERO_BACKUPS,
        (*READ, "create", "patch", "delete"),
        "make those that are asked for, bring in those of a location, and take out those that are deleted there",
    ),
    Right(
        velero.VELERO_SCHEDULES,
        (*READ, "patch"),
        "carry out schedules; keep the owner of a backup where it is this very schedule",
    ),
    Right(
        velero.VELERO_RESTORES,
        (*READ, "patch", "delete"),
        "say what becomes of them, and remove those of a backup that is deleted",
    ),
    Right(velero.DOWNLOADS, (*READ, "patch", "delete"), "answer what asks for files, and clear it away"),
    Right(velero.STATUS_REQUESTS, (*READ, "patch", "delete"), "answer `velero version`, and clear that away"),
    Right(
        velero.DELETIONS,
        (*READ, "create", "patch", "delete"),
        "delete backups on request, and ask for that when they have expired",
    ),
)
"""In the namespace of Velero's objects."""
