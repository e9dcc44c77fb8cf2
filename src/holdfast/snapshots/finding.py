"""The snapshots of a group as the API server has them now, and which of many are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import GROUP_SNAPSHOTS
from holdfast.api.storage import GroupSnapshot
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import Snapshot
    from holdfast.kube.client import Client


async def group_snapshots(client: Client, group: SnapshotGroup) -> tuple[GroupSnapshot, ...]:
    """The group's VolumeGroupSnapshots; none where the cluster does not serve any."""
    meta = group.metadata
    try:
        listed = await client.list(GROUP_SNAPSHOTS, meta.namespace, type=GroupSnapshot)
    except errors.NotFound:
        return ()
    return tuple(whole for whole in listed.items if whole.group == meta.name)


def own(
    snapshots: Iterable[Snapshot], group: SnapshotGroup, wholes: Iterable[GroupSnapshot]
) -> Iterator[Snapshot]:
    """Those that bear the group's name, and members of its group snapshots that do not bear it yet."""
    cut = {whole.metadata.uid for whole in wholes}
    for snapshot in snapshots:
        if snapshot.group == group.metadata.name or (snapshot.cut_with and snapshot.cut_with.uid in cut):
            yield snapshot
