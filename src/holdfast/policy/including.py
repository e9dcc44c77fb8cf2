"""What a backup includes: Velero's filter language, decided without a cluster.

Two languages exist. The old one names resources whatever their scope and says of cluster-wide ones yes, no
or, by default, only when all namespaces are in. The new one has lists for either scope. They must not be
mixed. Facts: Velero 1.18, `pkg/util/collections/includes_excludes.go`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.policy.selecting import Labels

ALWAYS_LEFT_OUT = frozenset(
    {"volumesnapshots.snapshot.storage.k8s.io", "volumesnapshotcontents.snapshot.storage.k8s.io"}
)
"""Snapshots of volumes come in with the volumes they are of, or not at all."""
NAMESPACES = "namespaces"
_ALL = "*"
_NAMESPACE = re.compile(r"[-a-z0-9*?\[\]{},!^]+")
"""What can stand in the name of a namespace or in a pattern of such names."""


class Wanted(Enum):
    """How much of a resource is wanted."""

    NONE = "none"
    RELATED = "related"
    """Only objects that others need: the volume of a claim, the definition of a custom resource."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Names:
    """What is in, and what is out; an empty list of what is in, or a `*` in it, means everything."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing was left out by being named or not named."""
        return self.open and not self.exclude

    @property
    def open(self) -> bool:
        """Whether all are in that are not excluded."""
        return not self.include or _ALL in self.include

    def admits(self, name: str) -> bool:
        """Whether a name is in. Names may be patterns (`*`, `?`, `[a-z]`)."""
        included = self.open or any(fnmatchcase(name, pattern) for pattern in self.include)
        return included and not any(fnmatchcase(name, pattern) for pattern in self.exclude if pattern != _ALL)


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody wants in a backup, as Velero's fields say it.

    Attributes:
        namespaces: by name or pattern.
        resources: old language; names as people write them.
        cluster_resources: old language; None: only with all namespaces, and what others need.
        cluster_scoped: new language.
        namespace_scoped: new language.
        selectors: label selectors of which one must admit an object; none: every object.
    """

    namespaces: Names = field(default_factory=Names)
    resources: Names = field(default_factory=Names)
    cluster_resources: bool | None = None
    cluster_scoped: Names = field(default_factory=Names)
    namespace_scoped: Names = field(default_factory=Names)
    selectors: tuple[Labels, ...] = ()

    @property
    def new_language(self) -> bool:
        return self.cluster_scoped != Names() or self.namespace_scoped != Names()

    def problems(self) -> list[str]:
        """Why these filters cannot be followed, in sentences for people."""
        old = self.resources != Names() or self.cluster_resources is not None
        said = (
            ["resource filters with and without a scope cannot be mixed: use one kind"]
            if old and self.new_language
            else []
        )
        lists = {
            "namespaces": self.namespaces,
            "resources": self.resources,
            "cluster-scoped resources": self.cluster_scoped,
            "namespace-scoped resources": self.namespace_scoped,
        }
        for title, names in lists.items():
            said += [
                f"{title} both includes and excludes {name!r}"
                for name in sorted({*names.include} & {*names.exclude})
            ]
            if _ALL in names.include and len(names.include) > 1:
                said.append(f"{title} includes '*' beside names: '*' is enough")
        said += [
            f"namespaces names {name!r}, which no namespace can be called"
            for name in (*self.namespaces.include, *self.namespaces.exclude)
            if not _NAMESPACE.fullmatch(name)
        ]
        if _ALL in self.namespaces.exclude:
            said.append("namespaces excludes '*': nothing would be left")
        return said

    def admits(self, labels: dict[str, str]) -> bool:
        """Whether an object with these labels is wanted."""
        return not self.selectors or any(selector.admits(labels) for selector in self.selectors)


def scope(filters: Filters, resolve: Callable[[str], str | None]) -> Scope:
    """The filters with the names of resources as this cluster knows them.

    Args:
        filters: what is wanted.
        resolve: from a name as people write it to `deployments.apps`; None for what the cluster does not serve.
    """

    def known(names: Names) -> Names | None:
        include, exclude = (
            tuple(filter(None, (name if name == _ALL else resolve(name) for name in side)))
            for side in (names.include, names.exclude)
        )
        return None if names.include and not include else Names(include, exclude)

    return Scope(
        filters, known(filters.resources), known(filters.cluster_scoped), known(filters.namespace_scoped)
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """Filters for one cluster; None for a list of which the cluster serves nothing."""

    filters: Filters
    resources: Names | None
    cluster_scoped: Names | None
    namespace_scoped: Names | None

    def wants(self, resource: str, *, namespaced: bool) -> Wanted:
        """How much of a resource is in the backup."""
        if resource in ALWAYS_LEFT_OUT:
            return Wanted.NONE
        if self.filters.new_language:
            return self._by_scope(resource, namespaced=namespaced)
        if self.resources is None or not self.resources.admits(resource):
            return Wanted.NONE
        return Wanted.ALL if namespaced else self._of_the_cluster

    @property
    def _of_the_cluster(self) -> Wanted:
        match self.filters.cluster_resources:
            case True:
                return Wanted.ALL
            case False:
                return Wanted.NONE
            case None:
                return Wanted.ALL if self.filters.namespaces.everything else Wanted.RELATED

    @property
    def wants_namespaces(self) -> bool:
        """Whether the objects of namespaces are in, beside what is in them.

        As the real Velero 1.18 does it: always in the new language; in the old one not without cluster-wide
        objects, and not when kinds were named and namespaces were not.
        """
        if self.filters.new_language:
            return True
        named = self.resources is not None and self.resources.admits(NAMESPACES)
        return named and self.filters.cluster_resources is not False

    def _by_scope(self, resource: str, *, namespaced: bool) -> Wanted:
        if namespaced:
            names = self.namespace_scoped
            return Wanted.ALL if names is not None and names.admits(resource) else Wanted.NONE
        names = self.cluster_scoped
        if names is None or _ALL in names.exclude or resource in names.exclude:
            return Wanted.NONE
        if names.include:
            return Wanted.ALL if names.admits(resource) else Wanted.RELATED
        whole = self.filters.namespaces.everything and self.filters.namespace_scoped.everything
        return Wanted.ALL if whole else Wanted.RELATED
