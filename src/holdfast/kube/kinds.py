"""Which kinds a server says it serves, and which of them a name means. Pure; `holdfast.kube.discovery` asks.

Kinds stay in the server's order: core first, then its groups by priority, and within a group its preferred version
first. Where a bare name fits several kinds, the first one is meant, as with kubectl.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from holdfast.api.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in one version, with the names it goes by.

    Attributes:
        names: Lower case, the most telling first: plural, singular, short names, kind.
        scales: Whether it has a scale subresource.
        verbs: What can be done with its objects.
    """

    resource: Resource
    names: tuple[str, ...]
    scales: bool = False
    verbs: frozenset[str] = frozenset()


def find(kinds: Iterable[Kind], name: str) -> Resource | None:
    """What is meant by a plural, singular, short name or kind, with `.group` or `.version.group` behind it or not."""
    wanted, dot, place = name.lower().partition(".")
    fitting = [kind for kind in kinds if wanted in kind.names and (not dot or _is_at(kind.resource, place))]
    best = min(fitting, key=lambda kind: kind.names.index(wanted) > 1, default=None)
    return best.resource if best else None


def _is_at(resource: Resource, place: str) -> bool:
    return place in {resource.group, f"{resource.version}.{resource.group}"}


class _Discovered(msgspec.Struct, rename="camel"):
    class Response(msgspec.Struct):
        kind: str = ""

    class Sub(msgspec.Struct):
        subresource: str

    resource: str
    scope: str = "Cluster"
    singular_resource: str = ""
    short_names: list[str] = []
    response_kind: Response | None = None
    verbs: list[str] = []
    subresources: list[Sub] = []


class _Version(msgspec.Struct):
    version: str
    resources: list[_Discovered] = []
    freshness: str = "Current"


class _Meta(msgspec.Struct):
    name: str = ""


class _Group(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    versions: list[_Version] = []


class _Groups(msgspec.Struct, tag="APIGroupDiscoveryList", tag_field="kind"):
    items: list[_Group] = []


class _OldVersion(msgspec.Struct, rename="camel"):
    group_version: str


class _OldGroup(msgspec.Struct, rename="camel"):
    versions: list[_OldVersion] = []
    preferred_version: _OldVersion | None = None


class _OldGroups(msgspec.Struct, tag="APIGroupList", tag_field="kind"):
    groups: list[_OldGroup] = []


class _CoreVersions(msgspec.Struct, tag="APIVersions", tag_field="kind"):
    versions: list[str] = []


class _OldResource(msgspec.Struct, rename="camel"):
    name: str
    kind: str
    namespaced: bool = False
    singular_name: str = ""
    short_names: list[str] = []
    verbs: list[str] = []


class _OldResources(msgspec.Struct, rename="camel"):
    group_version: str
    resources: list[_OldResource] = []


def read_root(answer: bytes) -> tuple[list[Kind], list[str], list[str]]:
    """What `/api` or `/apis` says.

    Returns:
        The kinds it names; the group versions that it names without their kinds, as servers without aggregated
        discovery do, the preferred one of a group first; and those whose own server does not answer.
    """
    root = msgspec.json.decode(answer, type=_Groups | _OldGroups | _CoreVersions)
    if isinstance(root, _Groups):
        return list(_kinds(root)), [], list(_stale(root))
    if isinstance(root, _CoreVersions):
        return [], root.versions, []
    return [], [name for group in root.groups for name in _preferred_first(group)], []


def read_group_version(answer: bytes) -> list[Kind]:
    """What `/api/v1` or `/apis/GROUP/VERSION` says."""
    found = msgspec.json.decode(answer, type=_OldResources)
    group, _, version = found.group_version.rpartition("/")
    names = {entry.name for entry in found.resources}
    return [
        _kind(
            Resource(group, version, entry.name, entry.kind, entry.namespaced),
            entry.singular_name,
            entry.short_names,
            entry.verbs,
            scales=f"{entry.name}/scale" in names,
        )
        for entry in found.resources
        if "/" not in entry.name
    ]


def _kinds(root: _Groups) -> Iterator[Kind]:
    for group in root.items:
        for version in group.versions:
            for entry in version.resources:
                kind = entry.response_kind.kind if entry.response_kind else ""
                namespaced = entry.scope == "Namespaced"
                resource = Resource(group.metadata.name, version.version, entry.resource, kind, namespaced)
                scales = any(sub.subresource == "scale" for sub in entry.subresources)
                yield _kind(resource, entry.singular_resource, entry.short_names, entry.verbs, scales=scales)


def _stale(root: _Groups) -> Iterator[str]:
    for group in root.items:
        yield from (f"{group.metadata.name}/{v.version}" for v in group.versions if v.freshness == "Stale")


def _preferred_first(group: _OldGroup) -> list[str]:
    preferred = [group.preferred_version.group_version] if group.preferred_version else []
    return list(dict.fromkeys([*preferred, *(version.group_version for version in group.versions)]))


def _kind(resource: Resource, singular: str, short: list[str], verbs: list[str], *, scales: bool) -> Kind:
    kind = resource.kind.lower()
    names = (resource.plural, singular.lower() or kind, *(name.lower() for name in short), kind)
    return Kind(resource, names, scales, frozenset(verbs))
