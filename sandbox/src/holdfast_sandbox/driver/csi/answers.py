"""Records as messages."""

import time

from holdfast_sandbox.driver.records import Group, Snapshot, Volume
from holdfast_sandbox.driver.stubs import Message, Stubs

TOPOLOGY = "topology.dir.csi.holdfast.dev/node"


class Answers:
    def __init__(self, stubs: Stubs) -> None:
        self._stubs = stubs

    def volume(self, volume: Volume) -> Message:
        source = None
        if volume.from_snapshot:
            source = {"snapshot": {"snapshot_id": volume.from_snapshot}}
        elif volume.from_volume:
            source = {"volume": {"volume_id": volume.from_volume}}
        return self._stubs.Volume(
            volume_id=volume.id,
            capacity_bytes=volume.size,
            content_source=source,
            accessible_topology=[{"segments": {TOPOLOGY: volume.node}}] if volume.node else [],
        )

    def snapshot(self, snapshot: Snapshot) -> Message:
        return self._stubs.Snapshot(
            snapshot_id=snapshot.id,
            source_volume_id=snapshot.source,
            size_bytes=snapshot.size,
            creation_time=_stamp(snapshot.created),
            ready_to_use=is_ready(snapshot),
            group_snapshot_id=snapshot.group,
        )

    def group(self, group: Group, members: list[Snapshot]) -> Message:
        return self._stubs.VolumeGroupSnapshot(
            group_snapshot_id=group.id,
            snapshots=[self.snapshot(member) for member in members],
            creation_time=_stamp(group.created),
            ready_to_use=all(is_ready(member) for member in members),
        )


def is_ready(snapshot: Snapshot) -> bool:
    return snapshot.ready_at is not None and time.time() >= snapshot.ready_at


def _stamp(seconds: float) -> dict[str, int]:
    whole, part = divmod(int(seconds * 1e9), 10**9)
    return {"seconds": whole, "nanos": part}
