"""Objects of a cluster into a tarball: every kind that the filters want, and what those objects need.

Kinds are asked for afresh; a kind is listed once, in pages, and each object's bytes go through as they came.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from holdfast.archive.paths import ItemKey
from holdfast.backups.glancing import BindingNeeds, ClaimNeeds, Glance, PodNeeds, typed, without_source
from holdfast.kube import errors
from holdfast.policy.including import NAMESPACES, Wanted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence

    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client
    from holdfast.kube.wire import Page
    from holdfast.policy.including import Filters, Scope

_AHEAD = 8
"""Lists whose first page is asked for before its turn."""
_RESTARTS = 5
"""So often a list that changes too fast is begun; each time, what was taken before is passed over."""
_FEW = 4
"""So many namespaces are listed one by one; more, by one list of the whole cluster that is filtered here."""
_NEEDED_VERBS = frozenset({"list", "create", "get", "delete"})
_CLAIMS, _PODS, _VOLUMES, _ACCOUNTS = "persistentvolumeclaims", "pods", "persistentvolumes", "serviceaccounts"
_CLASSES = "priorityclasses.scheduling.k8s.io"
_BINDINGS = "clusterrolebindings.rbac.authorization.k8s.io"
_ROLES = "clusterroles.rbac.authorization.k8s.io"
_DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
_SERVED_TWICE = {"events.events.k8s.io": "events"}
"""Kinds that are the same objects as others under another group."""
_FIRST = (_PODS, _CLAIMS, _VOLUMES)


@dataclass(slots=True)
class Collected:
    """What a run found, and what went wrong.

    Attributes:
        listed: kinds (`apps/v1/Deployment`) with names (`shop/web`).
        claims: namespace, name and volume of every claim.
        errors: what is missing, by namespace; empty for the cluster.
        warnings: what was asked for and not done, the same way.
    """

    listed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    claims: list[tuple[str, str, str]] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    warnings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def items(self) -> int:
        return sum(map(len, self.listed.values()))


def offered(kinds: Iterable[tuple[Resource, frozenset[str]]]) -> list[Resource]:
    """What can be saved and restored: each in its group's preferred version, pods and their volumes first."""
    found: dict[str, Resource] = {}
    for resource, verbs in kinds:
        if verbs >= _NEEDED_VERBS and resource.qualified not in _SERVED_TWICE:
            found.setdefault(resource.qualified, resource)
    first = [found.pop(name) for name in _FIRST if name in found]
    return first + list(found.values())


class Collector:
    """One collection; `run` it once."""

    def __init__(self, client: Client, scope: Scope, add: Callable[[ItemKey, str, bytes], None]) -> None:
        """A collection that has not begun.

        Args:
            client: the cluster.
            scope: what is wanted.
            add: takes each item: its place, its API version, its bytes.
        """
        self._client, self._scope, self._add = client, scope, add
        self._taken: set[bytes] = set()
        self._namespaces: set[str] = set()
        self._accounts: set[tuple[str, str]] = set()
        self._needs: dict[str, set[str]] = defaultdict(set)
        self.found = Collected()

    async def run(self, resources: Sequence[Resource], namespaces: Sequence[str]) -> Collected:
        """Collect.

        Args:
            resources: what the cluster offers.
            namespaces: those that are wanted and can be saved from.
        """
        wanted = [r for r in resources if r.namespaced and self._wants(r) is Wanted.ALL]
        everywhere = self._filters.namespaces.open or len(namespaces) > _FEW
        places: Sequence[str | None] = [None] if everywhere else namespaces
        allowed = set(namespaces)
        async with aclosing(self._pages([(r, place) for r in wanted for place in places])) as found:
            async for resource, page in found:
                for item in page.items:
                    self._take(resource, item, allowed)
        await self._fetch_claims(resources)
        await self._cluster_wide([r for r in resources if not r.namespaced])
        return self.found

    @property
    def _filters(self) -> Filters:
        return self._scope.filters

    def _wants(self, resource: Resource) -> Wanted:
        return self._scope.wants(resource.qualified, namespaced=resource.namespaced)

    async def _pages(
        self, lists: Sequence[tuple[Resource, str | None]]
    ) -> AsyncGenerator[tuple[Resource, Page], None]:
        """Pages of all lists in order; the first pages of the next ones are on their way meanwhile."""
        waiting: list[tuple[Resource, AsyncIterator[Page], asyncio.Task[Page | None]]] = []
        rest = iter(lists)
        try:
            while True:
                while len(waiting) < _AHEAD and (entry := next(rest, None)):
                    pages = self._whole(*entry)
                    waiting.append((entry[0], pages, asyncio.ensure_future(anext(pages, None))))
                if not waiting:
                    return
                resource, pages, first = waiting.pop(0)
                if (page := await first) is not None:
                    yield resource, page
                    async for page in pages:
                        yield resource, page
        finally:
            for _, _, task in waiting:
                task.cancel()

    async def _whole(self, resource: Resource, place: str | None) -> AsyncIterator[Page]:
        """Pages of one list. What the server refuses of it is an error of the backup; the rest is saved.

        A moment that passes out of the server's history is looked at from the beginning: what was taken is known.
        """
        for _ in range(_RESTARTS):
            try:
                async for page in self._client.pages(resource, place):
                    yield page
            except errors.Gone:
                continue
            except errors.NotFound:
                return  # its definition went since it was discovered
            except errors.ApiError as error:
                self.found.errors[place or ""].append(f"{resource.qualified} could not be listed: {error}")
            return
        said = (
            f"{resource.qualified} could not be listed: it changes faster than the server keeps its history"
        )
        self.found.errors[place or ""].append(said)

    def _take(self, resource: Resource, item: msgspec.Raw, allowed: set[str]) -> None:
        glance = msgspec.json.decode(item, type=Glance)
        if glance.left_out or glance.metadata.namespace not in allowed:
            return
        if self._filters.admits(glance.labels):
            self._save(resource, item, glance)

    def _save(self, resource: Resource, item: msgspec.Raw, glance: Glance) -> None:
        key = ItemKey(resource.qualified, glance.metadata.namespace, glance.metadata.name)
        if key.digest in self._taken:
            return
        self._taken.add(key.digest)
        body = typed(item, glance, resource.api_version, resource.kind)
        self._note_needs(key, body, resource)
        self._add(key, resource.version, without_source(body) if key.resource == _CLAIMS else body)
        place = f"{key.namespace}/{key.name}" if key.namespace else key.name
        self.found.listed[f"{resource.api_version}/{resource.kind}"].append(place)

    def _note_needs(self, key: ItemKey, body: bytes, resource: Resource) -> None:
        if key.namespace:
            self._namespaces.add(key.namespace)
            self._needs[_DEFINITIONS].add(resource.qualified)
        match key.resource:
            case "pods":
                pod = msgspec.json.decode(body, type=PodNeeds)
                self._needs[_CLAIMS] |= {f"{key.namespace}/{claim}" for claim in pod.claims}
                self._needs[_CLASSES].add(pod.spec.priority_class_name)
                self._note_unheeded(key, pod)
            case "persistentvolumeclaims":
                volume = msgspec.json.decode(body, type=ClaimNeeds).spec.volume_name
                self._needs[_VOLUMES].add(volume)
                self.found.claims.append((key.namespace, key.name, volume))
            case "serviceaccounts":
                self._accounts.add((key.namespace, key.name))

    def _note_unheeded(self, key: ItemKey, pod: PodNeeds) -> None:
        """What the pod's annotations ask for and is not done yet."""
        if pod.files_of:
            self.found.errors[key.namespace].append(
                f"pods {key.name}: files of the volumes {pod.files_of} are not saved by this version of Holdfast, "
                "though the pod's annotation asks for them"
            )
        self.found.warnings[key.namespace] += [
            f"pods {key.name}: the command of {hook} is not run by this version of Holdfast"
            for hook in pod.hooks
        ]

    async def _fetch_claims(self, resources: Sequence[Resource]) -> None:
        """Claims of pods that a label selector took without them."""
        claims = next((r for r in resources if r.qualified == _CLAIMS), None)
        if not claims or self._wants(claims) is not Wanted.ALL:
            return
        for place in sorted(self._needs[_CLAIMS]):
            namespace, _, name = place.partition("/")
            if ItemKey(_CLAIMS, namespace, name).digest not in self._taken:
                await self._fetch(claims, namespace, name)

    async def _fetch(self, resource: Resource, namespace: str, name: str) -> None:
        try:
            item = await self._client.get(resource, name, namespace, type=msgspec.Raw)
        except errors.NotFound:
            self.found.errors[namespace].append(
                f"{resource.qualified} {name} is used by a pod, but does not exist"
            )
            return
        glance = msgspec.json.decode(item, type=Glance)
        if not glance.left_out:
            self._save(resource, item, glance)

    async def _cluster_wide(self, resources: Sequence[Resource]) -> None:
        """Cluster-wide kinds; bindings before the roles that they name."""
        ordered = sorted(resources, key=lambda r: r.qualified != _BINDINGS)
        async with aclosing(self._pages([(r, None) for r in ordered if self._is_due(r)])) as found:
            async for resource, page in found:
                for item in page.items:
                    self._take_cluster_wide(resource, item)

    def _is_due(self, resource: Resource) -> bool:
        if resource.qualified == NAMESPACES:
            return self._scope.wants_namespaces
        wanted = self._wants(resource)
        return wanted is Wanted.ALL or (wanted is Wanted.RELATED and resource.qualified in _RELATED)

    def _take_cluster_wide(self, resource: Resource, item: msgspec.Raw) -> None:
        glance = msgspec.json.decode(item, type=Glance)
        if glance.left_out:
            return
        chosen = self._wants(resource) is Wanted.ALL and self._filters.admits(glance.labels)
        if resource.qualified == NAMESPACES:
            chosen = self._has_namespace(glance)
        if chosen or self._is_needed(resource, item, glance):
            self._save(resource, item, glance)
            if resource.qualified == _BINDINGS:
                self._needs[_ROLES].add(msgspec.json.decode(item, type=BindingNeeds).role_ref.name)

    def _has_namespace(self, glance: Glance) -> bool:
        """Whether the object of a namespace is in: something in it is, or it was named."""
        name = glance.metadata.name
        named = not self._filters.namespaces.open or bool(self._filters.selectors) is False
        selected = bool(self._filters.selectors) and self._filters.admits(glance.labels)
        return name in self._namespaces or (self._filters.namespaces.admits(name) and (named or selected))

    def _is_needed(self, resource: Resource, item: msgspec.Raw, glance: Glance) -> bool:
        if resource.qualified == _BINDINGS:
            return msgspec.json.decode(item, type=BindingNeeds).binds(self._accounts)
        return glance.metadata.name in self._needs[resource.qualified]


_RELATED = frozenset({_VOLUMES, _CLASSES, _BINDINGS, _ROLES, _DEFINITIONS})
