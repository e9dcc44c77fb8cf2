"""One request to the API server as a value: enough to send it, to repeat it, and to name it in a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.api.resource import Resource

_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and what it is called.

    Attributes:
        path: Below the server's URL.
        asked: Verb, resource and object, as messages name it: `patch pods/status web/db-0`.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that it may be sent twice."""
        return self.method in _READS


def asking(
    verb: str, resource: Resource, namespace: str | None, name: str = "", subresource: str = ""
) -> str:
    """What is asked, as a person says it: `list pods in web`, `get persistentvolumes pv-1`."""
    kind = f"{resource.plural}/{subresource}" if subresource else resource.plural
    kind = f"{kind}.{resource.group}" if resource.group else kind
    if not name:
        return f"{verb} {kind} in {namespace}" if namespace else f"{verb} {kind}"
    return f"{verb} {kind} {namespace}/{name}" if namespace else f"{verb} {kind} {name}"


def object_path(resource: Resource, namespace: str | None, name: str, subresource: str = "") -> str:
    """The path of one object.

    Raises:
        ValueError: the name is empty, so that the path would be that of the whole collection, or is no path segment.
    """
    if not name or "/" in name or name in {".", ".."}:
        raise ValueError(f"{name!r} is no name of an object of {resource.qualified}")
    return resource.path(namespace, name, subresource)
