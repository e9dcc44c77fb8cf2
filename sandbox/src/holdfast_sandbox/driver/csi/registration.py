"""The kubelet's plugin registration: how it learns where the driver serves."""

import logging

from holdfast_sandbox.driver.stubs import Message, Stubs

logger = logging.getLogger(__name__)


class Registration:
    """The service behind the socket in the kubelet's `plugins_registry`."""

    def __init__(self, stubs: Stubs, name: str, endpoint: str) -> None:
        self._stubs = stubs
        self._name = name
        self._endpoint = endpoint

    def get_info(self, _: Message) -> Message:
        return self._stubs.PluginInfo(
            type="CSIPlugin", name=self._name, endpoint=self._endpoint, supported_versions=["1.0.0"]
        )

    def notify_registration_status(self, request: Message) -> Message:
        logger.info("the kubelet %s", "knows this driver" if request.plugin_registered else request.error)
        return self._stubs.RegistrationStatusResponse()
