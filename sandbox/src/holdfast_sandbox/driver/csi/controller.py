"""The Controller service: volumes and snapshots."""

from holdfast_sandbox.driver.csi import requests
from holdfast_sandbox.driver.csi.answers import TOPOLOGY, Answers
from holdfast_sandbox.driver.errors import Code, Refusal
from holdfast_sandbox.driver.rules import Table
from holdfast_sandbox.driver.snapshots import Snapshots
from holdfast_sandbox.driver.stubs import Message, Stubs
from holdfast_sandbox.driver.volumes import Volumes, Wish

CAPABILITIES = (
    "CREATE_DELETE_VOLUME",
    "LIST_VOLUMES",
    "GET_CAPACITY",
    "CREATE_DELETE_SNAPSHOT",
    "LIST_SNAPSHOTS",
    "CLONE_VOLUME",
    "EXPAND_VOLUME",
    "GET_VOLUME",
    "SINGLE_NODE_MULTI_WRITER",
)


class Controller:
    def __init__(self, stubs: Stubs, volumes: Volumes, snapshots: Snapshots, faults: Table) -> None:
        self._stubs = stubs
        self._answers = Answers(stubs)
        self._volumes = volumes
        self._snapshots = snapshots
        self._faults = faults

    def controller_get_capabilities(self, _: Message) -> Message:
        hidden = {"LIST_SNAPSHOTS"} if self._faults.hides("ListSnapshots") else set()
        return self._stubs.ControllerGetCapabilitiesResponse(
            capabilities=[{"rpc": {"type": each}} for each in CAPABILITIES if each not in hidden]
        )

    def create_volume(self, request: Message) -> Message:
        requests.require(request, "name", "volume_capabilities")
        source = request.volume_content_source
        wish = Wish(
            name=request.name,
            required=request.capacity_range.required_bytes,
            limit=request.capacity_range.limit_bytes,
            block=any(each.HasField("block") for each in request.volume_capabilities),
            from_snapshot=source.snapshot.snapshot_id,
            from_volume=source.volume.volume_id,
            nodes=_nodes(request.accessibility_requirements),
        )
        return self._stubs.CreateVolumeResponse(volume=self._answers.volume(self._volumes.create(wish)))

    def delete_volume(self, request: Message) -> Message:
        requests.require(request, "volume_id")
        self._volumes.delete(request.volume_id)
        return self._stubs.DeleteVolumeResponse()

    def validate_volume_capabilities(self, request: Message) -> Message:
        requests.require(request, "volume_id", "volume_capabilities")
        self._volumes.get(request.volume_id)
        return self._stubs.ValidateVolumeCapabilitiesResponse(
            confirmed={"volume_capabilities": request.volume_capabilities}
        )

    def list_volumes(self, request: Message) -> Message:
        part, token = requests.page(request, self._volumes.all())
        entries = [{"volume": self._answers.volume(volume)} for volume in part]
        return self._stubs.ListVolumesResponse(entries=entries, next_token=token)

    def controller_get_volume(self, request: Message) -> Message:
        requests.require(request, "volume_id")
        volume = self._answers.volume(self._volumes.get(request.volume_id))
        return self._stubs.ControllerGetVolumeResponse(volume=volume)

    def get_capacity(self, _: Message) -> Message:
        return self._stubs.GetCapacityResponse(available_capacity=self._volumes.free())

    def controller_expand_volume(self, request: Message) -> Message:
        requests.require(request, "volume_id", "capacity_range")
        wanted = request.capacity_range
        volume = self._volumes.expand(request.volume_id, wanted.required_bytes, wanted.limit_bytes)
        return self._stubs.ControllerExpandVolumeResponse(
            capacity_bytes=volume.size, node_expansion_required=self._volumes.has_size(volume)
        )

    def create_snapshot(self, request: Message) -> Message:
        requests.require(request, "name", "source_volume_id")
        snapshot = self._snapshots.create(request.name, request.source_volume_id)
        return self._stubs.CreateSnapshotResponse(snapshot=self._answers.snapshot(snapshot))

    def delete_snapshot(self, request: Message) -> Message:
        requests.require(request, "snapshot_id")
        self._snapshots.delete(request.snapshot_id)
        return self._stubs.DeleteSnapshotResponse()

    def list_snapshots(self, request: Message) -> Message:
        if self._faults.hides("ListSnapshots"):
            raise Refusal(Code.UNIMPLEMENTED, "ListSnapshots is not offered")
        wanted = [
            snapshot
            for snapshot in self._snapshots.all()
            if request.snapshot_id in ("", snapshot.id) and request.source_volume_id in ("", snapshot.source)
        ]
        part, token = requests.page(request, wanted)
        entries = [{"snapshot": self._answers.snapshot(snapshot)} for snapshot in part]
        return self._stubs.ListSnapshotsResponse(entries=entries, next_token=token)


def _nodes(wanted: Message) -> tuple[str, ...]:
    """Where a volume may be reached from, the best place first."""
    places = (*wanted.preferred, *wanted.requisite)
    return tuple(dict.fromkeys(place.segments[TOPOLOGY] for place in places if TOPOLOGY in place.segments))
