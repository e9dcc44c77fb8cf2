"""Names of objects: what goes through queues instead of the objects themselves."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Metadata(Protocol):
    """What has to be known of every object's metadata."""

    @property
    def name(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def resource_version(self) -> str: ...


class Object(Protocol):
    """Anything that was read from the API server."""

    @property
    def metadata(self) -> Metadata: ...


class Key(NamedTuple):
    """One object of a resource; the namespace of a cluster-wide one is empty."""

    namespace: str
    name: str

    @classmethod
    def of(cls, obj: Object) -> Key:
        """The key under which the object itself is known."""
        return cls(obj.metadata.namespace, obj.metadata.name)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name
