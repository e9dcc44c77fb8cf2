"""What is known of the objects of one resource, kept up to date by a list and a watch.

Memory holds the small `type` of each object, never what the server sent: list pages come as raw bytes, are
decoded item by item and dropped. An object that cannot be decoded is reported and treated as not there, and
so is one that `keep` turns away; the others go on. Subscribers are told what changed so that they can queue
a key, and nothing is promised about how many changes they see: after an outage the difference between two
lists stands for everything between.

What is cached is late by nature. Whoever is about to destroy something asks the API server instead.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import msgspec
import structlog

from holdfast.control.keys import Key, Object
from holdfast.control.measuring import Metrics
from holdfast.control.pacing import Backoff
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client
    from holdfast.kube.watching import Change

T = TypeVar("T", bound=Object)
logger = structlog.get_logger()

FIRST_RETRY, LAST_RETRY = 0.5, 10.0  # seconds until a list or a watch is tried again
UNSERVED = 60.0  # seconds until a resource that the cluster does not have is looked for again


class _HeadMetadata(msgspec.Struct, frozen=True):
    name: str
    namespace: str = ""


class _Head(msgspec.Struct, frozen=True):
    """As much as every object has, whatever else is wrong with it."""

    metadata: _HeadMetadata


class _Entry(NamedTuple, Generic[T]):
    object: T
    terms: tuple[tuple[str, str], ...]  # (index, value) under which the object is found


class Cache(Generic[T]):
    """The objects of an informer, by key and by the values of its indexes."""

    def __init__(self, indexes: Mapping[str, Callable[[T], Iterable[str]]]) -> None:
        self._indexes = indexes
        self._entries: dict[Key, _Entry[T]] = {}
        self._found: dict[tuple[str, str], dict[Key, None]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> T | None:
        """The object, or None when there is none."""
        entry = self._entries.get(key)
        return entry.object if entry else None

    def all(self) -> Iterable[T]:
        """Every object, as of now."""
        return [entry.object for entry in self._entries.values()]

    def by(self, index_name: str, value: str) -> list[T]:
        """The objects for which the index gave this value.

        Raises:
            KeyError: the informer was made without such an index.
        """
        if index_name not in self._indexes:
            raise KeyError(f"no index {index_name!r}; there is: {', '.join(self._indexes) or 'none'}")
        return [self._entries[key].object for key in self._found.get((index_name, value), ())]

    def entry(self, obj: T) -> _Entry[T]:
        """What is to be kept of an object; raises whatever an index function raises."""
        terms = {(name, value) for name, values in self._indexes.items() for value in values(obj)}
        return _Entry(obj, tuple(terms))

    def put(self, key: Key, entry: _Entry[T] | None) -> T | None:
        """Put an entry in place of the one there, or take it out, and return the object that was there."""
        old = self._entries.pop(key, None)
        for term in old.terms if old else ():
            del self._found[term][key]
            if not self._found[term]:
                del self._found[term]
        if entry:
            self._entries[key] = entry
            for term in entry.terms:
                self._found.setdefault(term, {})[key] = None
        return old.object if old else None

    def keys(self) -> set[Key]:
        """The keys of all objects, as of now."""
        return set(self._entries)


class Informer(Generic[T]):
    """The cache of one resource (of one namespace, of one selection), and those who want to hear of changes.

    Args:
        client: access to the API server.
        resource: what to list and watch.
        type: a msgspec Struct with only the fields that are needed.
        namespace: the only namespace to look at; all of them without it.
        labels: label selector, evaluated by the server.
        fields: field selector, evaluated by the server.
        keep: objects for which it is false are treated as not there.
        indexes: by name, from an object to the values under which `cache.by` finds it.
        on_invalid: told of an object that could not be read, and why.
        optional: a cluster that does not serve the resource, or has never let us list it, has no objects of it.
    """

    def __init__(  # noqa: PLR0913 - what to read, and how
        self,
        client: Client,
        resource: Resource,
        type: type[T],  # noqa: A002 - as in `client.list`
        *,
        namespace: str | None = None,
        labels: str = "",
        fields: str = "",
        keep: Callable[[T], bool] = lambda _: True,
        indexes: Mapping[str, Callable[[T], Iterable[str]]] = MappingProxyType({}),
        on_invalid: Callable[[Key, Exception], None] = lambda _key, _error: None,
        optional: bool = False,
    ) -> None:
        self.cache: Cache[T] = Cache(indexes)
        self._client = client
        self._resource = resource
        self._decoder = msgspec.json.Decoder(type)
        self._heads = msgspec.json.Decoder(_Head)
        self._namespace = namespace
        self._labels = labels
        self._fields = fields
        self._keep = keep
        self._on_invalid = on_invalid
        self._optional = optional
        self._handlers: list[Callable[[T | None, T | None], None]] = []
        self._synced = asyncio.Event()
        self._backoff = Backoff(FIRST_RETRY, LAST_RETRY)
        self._logger = logger.bind(resource=resource.qualified)
        self.measure(Metrics())

    def __str__(self) -> str:
        return f"informer {self._resource.qualified}"

    @property
    def synced(self) -> bool:
        """Whether the cache has held everything at least once."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Return as soon as `synced` is true."""
        await self._synced.wait()

    def measure(self, metrics: Metrics) -> None:
        """Publish the number of objects and of lists in `metrics` from now on."""
        self._objects = metrics.objects.labels(self._resource.qualified)
        self._lists = metrics.lists.labels(self._resource.qualified)

    def subscribe(self, handler: Callable[[T | None, T | None], None]) -> None:
        """Call `handler(old, new)` for every change, and now for what is there; None stands for no object."""
        self._handlers.append(handler)
        for obj in self.cache.all():
            self._call(handler, None, obj)

    async def run(self) -> None:
        """Keep the cache up to date until cancelled, through whatever outage of the API server."""
        while True:
            try:
                await self._watch(await self._list())
            except errors.Gone as error:
                self._logger.info("listing again", reason=str(error))
            except errors.KubeError as error:
                if self._optional and isinstance(error, errors.NotFound):
                    await self._go_without()
                    continue
                self._logger.warning("cannot list, trying again", error=str(error))
                if self._optional and isinstance(error, errors.Forbidden):
                    self._synced.set()
            await asyncio.sleep(self._backoff.next())

    async def _go_without(self) -> None:
        """Stand empty for a while: the resource may come later."""
        self._replace({})
        self._synced.set()
        await asyncio.sleep(UNSERVED)

    async def _list(self) -> str:
        """Make the cache equal to a complete list, and return the list's version."""
        found: dict[Key, _Entry[T]] = {}
        version = ""
        async for page in self._client.pages(
            self._resource, self._namespace, labels=self._labels, fields=self._fields
        ):
            found |= {key: entry for key, entry in map(self._read, page.items) if entry}
            version = page.resource_version
        self._lists.inc()
        self._replace(found)
        self._synced.set()
        return version

    def _replace(self, found: dict[Key, _Entry[T]]) -> None:
        for key in self.cache.keys() - found.keys():
            self._set(key, None)
        for key, entry in found.items():
            old = self.cache.get(key)
            if old is None or old.metadata.resource_version != entry.object.metadata.resource_version:
                self._set(key, entry)

    async def _watch(self, version: str) -> None:
        """Follow the changes since `version`, across broken connections, until the server forgot them."""
        while True:
            try:
                async for change in self._client.watch(
                    self._resource,
                    self._namespace,
                    resource_version=version,
                    labels=self._labels,
                    fields=self._fields,
                    type=msgspec.Raw,
                ):
                    self._take(change)
                    version = change.resource_version
                    self._backoff.reset()
            except (errors.Gone, errors.NotFound):
                raise
            except errors.KubeError as error:
                self._logger.warning("watch ended, trying again", error=str(error))
            await asyncio.sleep(self._backoff.next())

    def _take(self, change: Change[msgspec.Raw]) -> None:
        if change.object is None:
            return
        key, entry = self._read(change.object)
        self._set(key, None if change.kind == "DELETED" else entry)

    def _read(self, raw: msgspec.Raw) -> tuple[Key, _Entry[T] | None]:
        """The key of an object, and what to keep of it: nothing if it is unwanted or cannot be read."""
        head = self._heads.decode(raw).metadata
        key = Key(head.namespace, head.name)
        try:
            obj = self._decoder.decode(raw)
            return key, self.cache.entry(obj) if self._keep(obj) else None
        except Exception as error:  # noqa: BLE001 - one object must not stop the others
            self._logger.warning("object cannot be read, skipped", key=str(key), error=str(error))
            self._tell_invalid(key, error)
            return key, None

    def _tell_invalid(self, key: Key, error: Exception) -> None:
        try:
            self._on_invalid(key, error)
        except Exception:
            self._logger.exception("handler of unreadable objects failed", key=str(key))

    def _set(self, key: Key, entry: _Entry[T] | None) -> None:
        old, new = self.cache.put(key, entry), entry.object if entry else None
        self._objects.set(len(self.cache))
        if old is None and new is None:
            return
        for handler in self._handlers:
            self._call(handler, old, new)

    def _call(self, handler: Callable[[T | None, T | None], None], old: T | None, new: T | None) -> None:
        try:
            handler(old, new)
        except Exception:
            known = new or old
            self._logger.exception("handler failed", key=str(Key.of(known)) if known else "")
