"""Objects and lists as they come over the wire: typed, untyped, or left as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

import msgspec

from holdfast.kube.errors import KubeError

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=dict[str, Any])
else:
    from typing import TypeVar

    T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """All objects of one moment, which `resource_version` names."""

    items: list[T]
    resource_version: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. The items are the server's own bytes; each keeps the whole page in memory."""

    items: list[msgspec.Raw]
    resource_version: str


class _Meta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class Part(msgspec.Struct, Generic[T]):
    """One answer to a list request."""

    metadata: _Meta = msgspec.field(default_factory=_Meta)
    items: list[T] | None = None


def decode(answer: bytes | msgspec.Raw, kind: type[T], asked: str) -> T:
    """An object out of its bytes.

    Raises:
        KubeError: they are something else, as when a page of some proxy came instead.
    """
    try:
        decoded: T = msgspec.json.decode(answer, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as failure:
        raise KubeError(f"{asked}: the answer is not understood: {failure}") from failure
    return decoded
