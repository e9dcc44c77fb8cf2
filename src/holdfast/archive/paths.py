"""Where an item stands in the tarball. No I/O.

    resources/<plural>[.<group>]/[<version>[-preferredversion]/]namespaces/<namespace>/<name>.json
    resources/<plural>[.<group>]/[<version>[-preferredversion]/]cluster/<name>.json

Each item stands there twice since Velero 1.4: without a version, and under its group's preferred one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_PREFERRED = "-preferredversion"
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True, order=True)
class ItemKey:
    """One object of a cluster: `deployments.apps`, `shop`, `web`. The namespace of cluster-wide ones is empty."""

    resource: str
    namespace: str
    name: str

    @property
    def digest(self) -> bytes:
        """What stands for it where very many are remembered."""
        return hashlib.blake2b(str(self).encode(), digest_size=16).digest()

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.resource} {place}{self.name}"


@dataclass(frozen=True, slots=True)
class Place:
    """A path of the tarball, understood.

    Attributes:
        key: the item.
        version: API version whose folder it is in; empty for the folder without one.
        preferred: whether that was the preferred version of its group.
    """

    key: ItemKey
    version: str = ""
    preferred: bool = True


def understood(path: str) -> Place | None:
    """What a path of the tarball is the place of; None for what is no item."""
    parts = path.removesuffix(_SUFFIX).split("/")
    if not path.endswith(_SUFFIX) or not all(part and part not in {".", ".."} for part in parts):
        return None
    match parts:
        case ["resources", resource, "namespaces", namespace, name]:
            return Place(ItemKey(resource, namespace, name))
        case ["resources", resource, "cluster", name]:
            return Place(ItemKey(resource, "", name))
        case ["resources", resource, folder, "namespaces", namespace, name]:
            return _versioned(ItemKey(resource, namespace, name), folder)
        case ["resources", resource, folder, "cluster", name]:
            return _versioned(ItemKey(resource, "", name), folder)
    return None


def _versioned(key: ItemKey, folder: str) -> Place:
    return Place(key, folder.removesuffix(_PREFERRED), folder.endswith(_PREFERRED))
