"""What a claim made from a snapshot looks like: like the group's claim, or, when that is lost, as is known of it.

A lost claim is the case in which a restore is needed most, so that the snapshot alone has to be enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from holdfast.api.resource import CLAIMS, CONTENTS, SNAPSHOTS, STORAGE_CLASSES
from holdfast.api.storage import Claim, Content, Snapshot, StorageClass
from holdfast.cli.errors import RefusedError
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.api.groups import SnapshotGroup
    from holdfast.cli.connecting import Cluster

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


async def model(
    cluster: Cluster, group: SnapshotGroup, claim: str, snapshot: str, storage_class: str | None
) -> Claim:
    """The claim whose class and modes a new one gets: `claim` of the group, or what is known of it.

    Raises:
        RefusedError: the claim is lost, and it is not clear which storage class the new one is to have.
    """
    found = await _known(cluster, group, claim) or await _guessed(cluster, claim, snapshot, storage_class)
    chosen = storage_class or found.spec.storage_class_name
    return msgspec.structs.replace(found, spec=msgspec.structs.replace(found.spec, storage_class_name=chosen))


async def _known(cluster: Cluster, group: SnapshotGroup, claim: str) -> Claim | None:
    """The live claim, or the copy of its spec that Gemini kept in the group."""
    try:
        return await cluster.client.get(CLAIMS, claim, cluster.namespace, type=Claim)
    except errors.NotFound:
        spec = group.spec.persistent_volume_claim.spec
    metadata = {"name": claim, "namespace": cluster.namespace}
    return msgspec.convert({"metadata": metadata, "spec": spec}, Claim) if spec.get("accessModes") else None


async def _guessed(cluster: Cluster, claim: str, name: str, storage_class: str | None) -> Claim:
    snapshot = await cluster.client.get(SNAPSHOTS, name, cluster.namespace, type=Snapshot)
    bound_to = snapshot.status.bound_volume_snapshot_content_name
    content = await cluster.client.get(CONTENTS, bound_to, type=Content)
    classes = (await cluster.client.list(STORAGE_CLASSES, type=StorageClass)).items
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "volumeMode": content.spec.source_volume_mode or "Filesystem",
        "storageClassName": storage_class or class_of(classes, content.spec.driver, claim),
    }
    metadata = {"name": claim, "namespace": cluster.namespace}
    return msgspec.convert({"metadata": metadata, "spec": spec}, Claim)


def class_of(classes: Sequence[StorageClass], driver: str, claim: str) -> str:
    """The storage class of a driver: its default one, or its only one."""
    own = sorted(c.metadata.name for c in classes if c.provisioner == driver)
    default = [
        c.metadata.name
        for c in classes
        if c.provisioner == driver and c.metadata.annotations.get(DEFAULT_CLASS) == "true"
    ]
    for candidates in (default, own):
        if len(candidates) == 1:
            return candidates[0]
    names = ", ".join(own) or "none"
    raise RefusedError(
        f"claim {claim} does not exist, and driver {driver} has {len(own)} storage classes: {names}",
        remedy="Choose one with --storage-class.",
    )
