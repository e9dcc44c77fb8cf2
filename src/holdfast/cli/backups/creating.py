"""A backup that a command makes itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from holdfast.backups import reading
from holdfast.backups.reserving import Owner
from holdfast.backups.saving import Order, save
from holdfast.backups.views import BackupSpec
from holdfast.cli import naming
from holdfast.cli.backups import locating, progress
from holdfast.cli.backups.filtering import chosen_selectors
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MisusedError, UnsuccessfulError
from holdfast.cli.listings import show_document
from holdfast.cli.pairs import listed, pairs
from holdfast.policy import durations, selectors
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from datetime import timedelta

    from holdfast.cli.backups.filtering import FilterFlags
    from holdfast.cli.options import Target


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed."""

    name: str
    ttl: str
    labels: tuple[str, ...]
    annotations: tuple[str, ...]
    wanted: FilterFlags


async def create(target: Target, asked: Asked, location: str, velero_namespace: str, *, output: str) -> None:
    """Make the backup and print how it went.

    Raises:
        UnsuccessfulError: something that was wanted could not be saved; the backup is there without it.
    """
    order = _order(asked, velero_namespace)
    where = await locating.locate(target, location, velero_namespace, write=True)
    async with connect(target) as cluster:
        with progress.status() as tell:
            backup = await save(
                cluster.client, where.store, order, lambda doing, items: tell(f"{doing} {items:,} objects")
            )
    status = backup["status"]
    if output == "text":
        items = status["progress"]["itemsBackedUp"]
        click.echo(f"Backup {order.name} is in {where.address}: {status['phase']}, {items:,} items.")
    else:
        show_document(backup, output)
    if errors := status.get("errors"):
        raise UnsuccessfulError(
            f"{errors} of what was wanted could not be saved",
            remedy=f"`velero backup logs {order.name}`, or {order.name}-logs.gz in the location, names each.",
        )


def _order(asked: Asked, namespace: str) -> Order:
    labels, annotations = pairs(asked.labels, "--labels"), pairs(asked.annotations, "--annotations")
    fields = _spec(asked.wanted) | {"ttl": durations.spelled(_ttl(asked.ttl))}
    spec = msgspec.convert(fields, BackupSpec)
    owner, started = Owner(uid=str(uuid.uuid4())), datetime.now(UTC)
    metadata = {
        "name": naming.checked(asked.name, "a backup"),
        "namespace": namespace,
        "uid": owner.uid,
        "creationTimestamp": instant(started),
        "labels": labels,
        "annotations": annotations,
    }
    return Order(metadata, reading.filters(spec), fields, reading.ttl(spec), owner, started=started)


def _spec(flags: FilterFlags) -> dict[str, Any]:
    """The same in Velero's fields."""
    fields = {
        "includedNamespaces": listed(flags["include_namespaces"]) or ["*"],
        "excludedNamespaces": listed(flags["exclude_namespaces"]),
        "includedResources": listed(flags["include_resources"]),
        "excludedResources": listed(flags["exclude_resources"]),
        "includedClusterScopedResources": listed(flags["include_cluster_scoped_resources"]),
        "excludedClusterScopedResources": listed(flags["exclude_cluster_scoped_resources"]),
        "includedNamespaceScopedResources": listed(flags["include_namespace_scoped_resources"]),
        "excludedNamespaceScopedResources": listed(flags["exclude_namespace_scoped_resources"]),
        "includeClusterResources": flags["include_cluster_resources"],
    }
    written = [selectors.fields(selectors.parse(text)) for text in chosen_selectors(flags)]
    selecting = {"labelSelector": written[0]} if flags["selector"] else {"orLabelSelectors": written}
    found = {name: value for name, value in (fields | selecting).items() if value not in ([], None)}
    return found | {"snapshotVolumes": False}


def _ttl(text: str) -> timedelta:
    try:
        return durations.read(text)
    except durations.DurationError as error:
        raise MisusedError(f"--ttl: {error}", remedy="Write it as 24h, 90m or 720h0m0s.") from None
