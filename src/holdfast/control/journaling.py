"""The record that precedes every act: the status of one object, written with the resourceVersion that was read.

Whoever writes second gets a conflict and looks at the world again, so two operators that both believe they lead
cannot both go on from one state. What is recorded, and what may follow, is the business of whose journal it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from holdfast.api.meta import builtins
from holdfast.kube import errors

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.meta import Metadata
    from holdfast.api.resource import Resource
    from holdfast.control.clocks import Clock
    from holdfast.kube.client import Client


class Recorded(Protocol):
    """An object with a status."""

    @property
    def metadata(self) -> Metadata: ...
    @property
    def status(self) -> Any: ...  # noqa: ANN401  (a struct of the object's kind)


T = TypeVar("T", bound=Recorded)


class Journal(Generic[T]):
    """An object as it was last read or written."""

    def __init__(
        self, client: Client, clock: Clock, resource: Resource, kind: type[T], raw: dict[str, Any]
    ) -> None:
        self._client = client
        self._clock = clock
        self._resource = resource
        self._kind = kind
        self._take(raw)

    def _take(self, raw: dict[str, Any]) -> None:
        self._raw = raw
        self._object = msgspec.convert(raw, self._kind)

    @property
    def now(self) -> datetime:
        """The present second."""
        return self._clock.now().replace(microsecond=0)

    async def record(self, **changes: Any) -> None:  # noqa: ANN401  (fields of the status)
        """Write the changes down; nothing is sent when there are none.

        Raises:
            holdfast.kube.errors.Conflict: somebody else wrote since the object was read.
        """
        status = msgspec.structs.replace(self._object.status, **changes)
        if status != self._object.status:
            body = self._raw | {"status": builtins(status)}
            self._take(await self._client.replace(self._resource, body, subresource="status"))

    async def confirm(self) -> None:
        """See that nobody has written since: what was looked at after the last write is of this very state then.

        Raises:
            holdfast.kube.errors.Conflict: somebody has.
            holdfast.kube.errors.NotFound: the object is gone.
        """
        meta = self._object.metadata
        found = await self._client.get(self._resource, meta.name, meta.namespace)
        if found["metadata"]["resourceVersion"] != meta.resource_version:
            raise errors.Conflict(409, "Conflict", f"{self._resource.kind} {meta.name} went on without us")
