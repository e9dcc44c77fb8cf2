"""The Node service: publishing volumes to pods."""

from holdfast_sandbox.driver.csi import requests
from holdfast_sandbox.driver.node import Publishing
from holdfast_sandbox.driver.stubs import Message, Stubs

CAPABILITIES = ("GET_VOLUME_STATS", "EXPAND_VOLUME", "SINGLE_NODE_MULTI_WRITER")


class Node:
    def __init__(self, stubs: Stubs, name: str, publishing: Publishing) -> None:
        self._stubs = stubs
        self._name = name
        self._publishing = publishing

    def node_get_info(self, _: Message) -> Message:
        return self._stubs.NodeGetInfoResponse(node_id=self._name)

    def node_get_capabilities(self, _: Message) -> Message:
        return self._stubs.NodeGetCapabilitiesResponse(
            capabilities=[{"rpc": {"type": each}} for each in CAPABILITIES]
        )

    def node_publish_volume(self, request: Message) -> Message:
        requests.require(request, "volume_id", "target_path", "volume_capability")
        mode = self._stubs.VolumeCapability.AccessMode
        self._publishing.publish(
            request.volume_id,
            request.target_path,
            read_only=request.readonly,
            exclusive=request.volume_capability.access_mode.mode == mode.SINGLE_NODE_SINGLE_WRITER,
        )
        return self._stubs.NodePublishVolumeResponse()

    def node_unpublish_volume(self, request: Message) -> Message:
        requests.require(request, "volume_id", "target_path")
        self._publishing.unpublish(request.volume_id, request.target_path)
        return self._stubs.NodeUnpublishVolumeResponse()

    def node_get_volume_stats(self, request: Message) -> Message:
        requests.require(request, "volume_id", "volume_path")
        size, used = self._publishing.usage(request.volume_id, request.volume_path)
        usage = {"unit": "BYTES", "total": size, "used": used, "available": max(0, size - used)}
        return self._stubs.NodeGetVolumeStatsResponse(usage=[usage])

    def node_expand_volume(self, request: Message) -> Message:
        requests.require(request, "volume_id", "volume_path")
        volume = self._publishing.expand(request.volume_id, request.volume_path)
        return self._stubs.NodeExpandVolumeResponse(capacity_bytes=volume.size)
