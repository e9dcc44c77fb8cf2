"""The Identity service: who this is and what it offers."""

from holdfast_sandbox.driver.stubs import Message, Stubs


class Identity:
    def __init__(self, stubs: Stubs, name: str, version: str, *, topology: bool) -> None:
        self._stubs = stubs
        self._topology = topology
        self._name = name
        self._version = version

    def get_plugin_info(self, _: Message) -> Message:
        return self._stubs.GetPluginInfoResponse(name=self._name, vendor_version=self._version)

    def get_plugin_capabilities(self, _: Message) -> Message:
        services = ["CONTROLLER_SERVICE", "GROUP_CONTROLLER_SERVICE"]
        services += ["VOLUME_ACCESSIBILITY_CONSTRAINTS"] if self._topology else []
        offered = [{"service": {"type": service}} for service in services]
        return self._stubs.GetPluginCapabilitiesResponse(
            capabilities=[*offered, {"volume_expansion": {"type": "ONLINE"}}]
        )

    def probe(self, _: Message) -> Message:
        return self._stubs.ProbeResponse(ready={"value": True})
