"""What the server serves, and which of it a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.kube.transport import Transport


class Discovery:
    """The resources of one server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
