"""One backup from its filters to its last object in the store.

The tarball grows in an unlinked file. Nothing reaches the store before everything was collected, and the
Backup object, without which the rest is no backup, goes last and only if there is none. A run that stops before
that takes back what it has sent; of one that is killed the reservation of the name tells whose the rest is.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar

import msgspec
from isal import igzip

from holdfast.api.resource import NAMESPACES
from holdfast.api.velero import VELERO_BACKUPS
from holdfast.archive.layout import BackupKeys
from holdfast.archive.sides import log_line
from holdfast.archive.writing import FORMAT, ArchiveWriter
from holdfast.backups import storing
from holdfast.backups.collecting import Collector, offered
from holdfast.backups.errors import UnreadableFiltersError
from holdfast.backups.glancing import Glance
from holdfast.backups.parcels import NOT_SAVED, side_files
from holdfast.backups.reserving import Reservation
from holdfast.control.errors import SupersededError
from holdfast.kube import kinds
from holdfast.policy import including
from holdfast.policy.texts import instant
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from datetime import timedelta

    from holdfast.archive.paths import ItemKey
    from holdfast.backups.collecting import Collected
    from holdfast.backups.reserving import Owner
    from holdfast.kube.client import Client
    from holdfast.policy.including import Filters
    from holdfast.store.stores import Store

T = TypeVar("T")
_OFTEN = 500
"""So many objects are collected before that is told again."""
Tell = Callable[[str, int], None]
"""Is told now and then what is being done with how many objects: `Collected`, `Storing`."""
Confirm = Callable[[], Awaitable[object]]
"""Raises if the run is to end: somebody does not want it any more, or another one has taken its place."""


@dataclass(frozen=True, slots=True)
class Order:
    """A backup that somebody wants.

    Attributes:
        metadata: of the Backup object, with its UID.
        filters: what goes into it.
        spec: the same in Velero's fields, as it stands in the Backup object.
        ttl: when it may be deleted, from its start.
        owner: who makes it.
        contents: contents of volumes are expected, too.
        unheeded: what else was asked for and is not done, in sentences.
        unmet: the same, where something may be missing for it.
        started: when it began.
    """

    metadata: Mapping[str, Any]
    filters: Filters
    spec: Mapping[str, Any]
    ttl: timedelta
    owner: Owner
    contents: bool = False
    unheeded: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def name(self) -> str:
        return str(self.metadata["name"])


async def nobody_minds() -> None:
    """The `Confirm` of a run that ends only by itself."""


async def save(
    client: Client,
    store: Store,
    order: Order,
    tell: Tell = lambda _doing, _items: None,
    confirm: Confirm = nobody_minds,
) -> dict[str, Any]:
    """Make a backup; gives the Backup object that was stored, by this run or by one of the same object that died.

    Args:
        client: the cluster.
        store: where it goes.
        order: what is wanted.
        tell: is told how far it is.
        confirm: is asked before anything is stored, and again before the document.

    Raises:
        UnreadableFiltersError: the filters contradict each other.
        ExistsError: the location has a backup of that name.
        holdfast.kube.errors.KubeError, holdfast.store.errors.StoreError: one of both gave up.
    """
    if problems := order.filters.problems():
        raise UnreadableFiltersError("; ".join(problems))
    reservation = Reservation(store, order.name, order.owner)
    if (finished := await to_its_end(reservation.take)) is not None:
        return finished
    try:
        document = await _saved(client, store, order, tell, confirm)
    except SupersededError:
        raise
    except BaseException:
        with suppress(StoreError):
            await to_its_end(reservation.give_up)
        raise
    await to_its_end(reservation.release)
    return document


async def to_its_end(call: Callable[..., T], *arguments: object) -> T:
    """A blocking call in a thread; who is cancelled waits for it, because nothing can stop it."""
    task = asyncio.ensure_future(asyncio.to_thread(call, *arguments))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def _saved(client: Client, store: Store, order: Order, tell: Tell, confirm: Confirm) -> dict[str, Any]:
    with tempfile.TemporaryFile() as tarball, tempfile.TemporaryFile() as manifest:
        found = await _collected(client, order, (tarball, manifest), tell)
        _note_what_is_missing(order, found)
        tell("Storing", found.items)
        document = _document(order, found, await cluster_version(client))
        await confirm()
        for key, content in _files(order, found, tarball, manifest).items():
            await to_its_end(partial(storing.put, store, key, content, alone=not order.owner.cluster))
        await confirm()
        await to_its_end(storing.finish, store, order.name, document)
    return document


async def _collected(
    client: Client, order: Order, files: tuple[IO[bytes], IO[bytes]], tell: Tell
) -> Collected:
    tarball, manifest = files
    known = await client.discovery.everything()
    scope = including.scope(order.filters, lambda name: _resolved(known, name))
    writer = ArchiveWriter(tarball, mtime=int(order.started.timestamp()))
    with igzip.GzipFile(fileobj=manifest, mode="wb", compresslevel=1) as sums:  # type: ignore[no-untyped-call]

        def add(key: ItemKey, version: str, body: bytes) -> None:
            writer.add(key, version, body)
            if writer.items % _OFTEN == 0:
                tell("Collected", writer.items)
            digest = hashlib.sha256(body).hexdigest()
            line = msgspec.json.encode([digest, key.resource, key.namespace, key.name])
            sums.write(line + b"\n")  # type: ignore[no-untyped-call]

        collector = Collector(client, scope, add)
        namespaces = [name async for name in _namespaces(client, order.filters, collector.found)]
        found = await collector.run(offered((kind.resource, kind.verbs) for kind in known), namespaces)
    writer.finish()
    return found


async def cluster_version(client: Client) -> dict[str, str]:
    """Annotations that say which cluster a backup is of."""
    version = msgspec.json.decode(await client.request("GET", "/version"), type=dict[str, str])
    return {
        "velero.io/source-cluster-k8s-gitversion": version["gitVersion"],
        "velero.io/source-cluster-k8s-major-version": version["major"],
        "velero.io/source-cluster-k8s-minor-version": version["minor"],
    }


def _note_what_is_missing(order: Order, found: Collected) -> None:
    found.warnings[""] += order.unheeded
    found.errors[""] += order.unmet
    for namespace, claim, volume in found.claims if order.contents else ():
        if volume:
            found.errors[namespace].append(
                f"persistentvolumeclaims {claim}: {NOT_SAVED}; who does not expect them says snapshotVolumes: false"
            )


def _resolved(known: list[kinds.Kind], name: str) -> str | None:
    resource = kinds.find(known, name)
    return resource.qualified if resource else None


async def _namespaces(client: Client, filters: Filters, found: Collected) -> AsyncIterator[str]:
    """Namespaces that are wanted and not on their way out; those that were named and are missing are errors."""
    names = set()
    async for page in client.pages(NAMESPACES):
        for item in page.items:
            glance = msgspec.json.decode(item, type=Glance)
            names.add(glance.metadata.name)
            if filters.namespaces.admits(glance.metadata.name) and not glance.left_out:
                yield glance.metadata.name
    for name in filters.namespaces.include:
        if not set(name) & set("*?[") and name not in names:
            found.errors[name].append(f"namespace {name} does not exist")


def _document(order: Order, found: Collected, cluster: Mapping[str, str]) -> dict[str, Any]:
    errors, warnings = (sum(map(len, said.values())) for said in (found.errors, found.warnings))
    counted = {name: count for name, count in (("errors", errors), ("warnings", warnings)) if count}
    return {
        "apiVersion": VELERO_BACKUPS.api_version,
        "kind": VELERO_BACKUPS.kind,
        "metadata": {**order.metadata, "annotations": {**cluster, **order.metadata.get("annotations", {})}},
        "spec": dict(order.spec),
        "status": {
            "version": 1,
            "formatVersion": FORMAT,
            "phase": "PartiallyFailed" if errors else "Completed",
            "startTimestamp": instant(order.started),
            "completionTimestamp": instant(datetime.now(UTC)),
            "expiration": instant(order.started + order.ttl),
            "progress": {"totalItems": found.items, "itemsBackedUp": found.items},
            **counted,
        },
    }


def _files(
    order: Order, found: Collected, tarball: IO[bytes], manifest: IO[bytes]
) -> dict[str, bytes | IO[bytes]]:
    """All but the document, by key."""
    keys = BackupKeys(order.name)
    for file in (tarball, manifest):
        file.seek(0)
    sides = side_files(found, _log(order, found))
    return {keys.contents: tarball, keys.manifest: manifest} | {keys.side(k): v for k, v in sides.items()}


def _log(order: Order, found: Collected) -> Iterator[str]:
    yield log_line("info", f"Holdfast began backup {order.name}", order.started)
    now = datetime.now(UTC)
    for kind, names in sorted(found.listed.items()):
        yield log_line("info", f"Backed up {len(names)} of {kind}", now)
    for level, said in (("warning", found.warnings), ("error", found.errors)):
        for namespace, messages in said.items():
            yield from (log_line(level, f"{namespace or 'cluster'}: {message}", now) for message in messages)
    yield log_line("info", f"Backed up a total of {found.items} items", now)
