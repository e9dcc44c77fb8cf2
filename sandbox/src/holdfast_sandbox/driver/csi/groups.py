"""The GroupController service: snapshots of several volumes at a time."""

from holdfast_sandbox.driver.csi import requests
from holdfast_sandbox.driver.csi.answers import Answers
from holdfast_sandbox.driver.records import Group
from holdfast_sandbox.driver.snapshots import Snapshots
from holdfast_sandbox.driver.stubs import Message, Stubs


class GroupController:
    def __init__(self, stubs: Stubs, snapshots: Snapshots) -> None:
        self._stubs = stubs
        self._answers = Answers(stubs)
        self._snapshots = snapshots

    def group_controller_get_capabilities(self, _: Message) -> Message:
        return self._stubs.GroupControllerGetCapabilitiesResponse(
            capabilities=[{"rpc": {"type": "CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT"}}]
        )

    def create_volume_group_snapshot(self, request: Message) -> Message:
        requests.require(request, "name", "source_volume_ids")
        group = self._snapshots.create_group(request.name, request.source_volume_ids)
        return self._stubs.CreateVolumeGroupSnapshotResponse(group_snapshot=self._answer(group))

    def delete_volume_group_snapshot(self, request: Message) -> Message:
        requests.require(request, "group_snapshot_id")
        self._snapshots.delete_group(request.group_snapshot_id, request.snapshot_ids)
        return self._stubs.DeleteVolumeGroupSnapshotResponse()

    def get_volume_group_snapshot(self, request: Message) -> Message:
        requests.require(request, "group_snapshot_id")
        group = self._snapshots.group(request.group_snapshot_id, request.snapshot_ids)
        return self._stubs.GetVolumeGroupSnapshotResponse(group_snapshot=self._answer(group))

    def _answer(self, group: Group) -> Message:
        return self._answers.group(group, self._snapshots.members(group))
