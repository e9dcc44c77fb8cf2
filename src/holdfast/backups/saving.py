"""One backup from its filters to its last object in the store.

The tarball grows in an unlinked file. Nothing reaches the store before everything was collected, and the
Backup object, without which the rest is no backup, goes last and only if there is none. Whatever stops the
run before that leaves what Velero and Holdfast pass over.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

import msgspec
from isal import igzip

from holdfast.api.resource import NAMESPACES
from holdfast.archive.layout import BackupKeys
from holdfast.archive.locations import BackupLocation
from holdfast.archive.writing import FORMAT, ArchiveWriter
from holdfast.backups.collecting import Collector, offered
from holdfast.backups.errors import ExistsError, UnreadableFiltersError
from holdfast.backups.glancing import Glance
from holdfast.backups.parcels import log_line, side_files, stamp
from holdfast.kube import kinds
from holdfast.policy import including

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from holdfast.archive.paths import ItemKey
    from holdfast.backups.collecting import Collected
    from holdfast.kube.client import Client
    from holdfast.policy.including import Filters
    from holdfast.store.stores import Store

_OFTEN = 500
"""So many objects are collected before that is told again."""
TTL = timedelta(hours=720)
"""How long a backup is kept unless somebody says otherwise; Velero's default."""


@dataclass(frozen=True, slots=True)
class Order:
    """A backup that somebody wants.

    Attributes:
        name: its name in the location.
        filters: what goes into it.
        spec: the same in Velero's fields, as it stands in the Backup object.
        ttl: when it may be deleted, from its start.
        labels: of the Backup object.
        annotations: of the Backup object.
        namespace: where the Backup object belongs.
    """

    name: str
    filters: Filters
    spec: Mapping[str, Any]
    ttl: timedelta = TTL
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    namespace: str = "velero"


async def save(
    client: Client, store: Store, order: Order, tell: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Make a backup; gives the Backup object that was stored.

    Args:
        client: the cluster.
        store: where it goes.
        order: what is wanted.
        tell: is told now and then, in words, how far it is.

    Raises:
        UnreadableFiltersError: the filters contradict each other.
        ExistsError: the location has a backup of that name.
        holdfast.kube.errors.KubeError, holdfast.store.errors.StoreError: one of both gave up.
    """
    if problems := order.filters.problems():
        raise UnreadableFiltersError("; ".join(problems))
    if await asyncio.to_thread(BackupLocation(store).has, order.name):
        raise ExistsError(f"{store.address} has a backup {order.name} already: choose another name")
    started = datetime.now(UTC)
    with tempfile.TemporaryFile() as tarball, tempfile.TemporaryFile() as manifest:
        found = await _collected(client, order, started, (tarball, manifest), tell)
        tell(f"Storing {found.items:,} objects")
        document = _document(order, found, started, await _version(client))
        await asyncio.to_thread(_upload, store, order, found, document, (tarball, manifest), started)
    return document


async def _collected(
    client: Client,
    order: Order,
    started: datetime,
    files: tuple[IO[bytes], IO[bytes]],
    tell: Callable[[str], None],
) -> Collected:
    tarball, manifest = files
    known = await client.discovery.everything()
    scope = including.scope(order.filters, lambda name: _resolved(known, name))
    writer = ArchiveWriter(tarball, mtime=int(started.timestamp()))
    with igzip.GzipFile(fileobj=manifest, mode="wb", compresslevel=1) as sums:  # type: ignore[no-untyped-call]

        def add(key: ItemKey, version: str, body: bytes) -> None:
            writer.add(key, version, body)
            if writer.items % _OFTEN == 0:
                tell(f"Collected {writer.items:,} objects")
            digest = hashlib.sha256(body).hexdigest()
            line = msgspec.json.encode([digest, key.resource, key.namespace, key.name])
            sums.write(line + b"\n")  # type: ignore[no-untyped-call]

        collector = Collector(client, scope, add)
        namespaces = [name async for name in _namespaces(client, order.filters, collector.found)]
        found = await collector.run(offered((kind.resource, kind.verbs) for kind in known), namespaces)
    writer.finish()
    return found


async def _version(client: Client) -> dict[str, str]:
    return msgspec.json.decode(await client.request("GET", "/version"), type=dict[str, str])


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


def _document(
    order: Order, found: Collected, started: datetime, version: Mapping[str, str]
) -> dict[str, Any]:
    errors = sum(map(len, found.errors.values()))
    cluster = {
        "velero.io/source-cluster-k8s-gitversion": version["gitVersion"],
        "velero.io/source-cluster-k8s-major-version": version["major"],
        "velero.io/source-cluster-k8s-minor-version": version["minor"],
    }
    return {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {
            "name": order.name,
            "namespace": order.namespace,
            "creationTimestamp": stamp(started),
            "labels": dict(order.labels),
            "annotations": cluster | dict(order.annotations),
        },
        "spec": dict(order.spec),
        "status": {
            "version": 1,
            "formatVersion": FORMAT,
            "phase": "PartiallyFailed" if errors else "Completed",
            "startTimestamp": stamp(started),
            "completionTimestamp": stamp(datetime.now(UTC)),
            "expiration": stamp(started + order.ttl),
            "progress": {"totalItems": found.items, "itemsBackedUp": found.items},
            **({"errors": errors} if errors else {}),
        },
    }


def _upload(
    store: Store,
    order: Order,
    found: Collected,
    document: dict[str, Any],
    files: tuple[IO[bytes], IO[bytes]],
    started: datetime,
) -> None:
    keys = BackupKeys(order.name)
    tarball, manifest = files
    for file in files:
        file.seek(0)
    store.put(keys.contents, tarball)
    store.put(keys.manifest, manifest)
    for name, content in side_files(found, _log(order, found, started)).items():
        store.put(keys.side(name), content)
    store.put(keys.document, json.dumps(document, indent=2).encode(), absent=True)


def _log(order: Order, found: Collected, started: datetime) -> Iterator[str]:
    yield log_line("info", f"Holdfast began backup {order.name}", started)
    for kind, names in sorted(found.listed.items()):
        yield log_line("info", f"Backed up {len(names)} of {kind}", datetime.now(UTC))
    for namespace, said in found.errors.items():
        for message in said:
            yield log_line("error", f"{namespace or 'cluster'}: {message}", datetime.now(UTC))
    yield log_line("info", f"Backed up a total of {found.items} items", datetime.now(UTC))
