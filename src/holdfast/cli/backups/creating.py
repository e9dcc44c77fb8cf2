"""A backup that a command makes itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from holdfast.backups.saving import Order, save
from holdfast.cli.backups import locating, progress
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MisusedError, UnsuccessfulError
from holdfast.cli.listings import show_document
from holdfast.cli.pairs import listed, pairs
from holdfast.policy import selectors
from holdfast.policy.including import Filters, Names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.cli.backups.filtering import FilterFlags
    from holdfast.cli.options import Target

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


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
    where = await locating.locate(target, location, velero_namespace)
    async with connect(target) as cluster:
        with progress.status() as tell:
            backup = await save(cluster.client, where.store, order, tell)
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
    if not _NAME.fullmatch(asked.name):
        raise MisusedError(
            f"{asked.name!r} cannot be the name of a backup",
            remedy="Use lower case letters, digits, dots and dashes, at most 253.",
        )
    ttl = _duration(asked.ttl)
    labels, annotations = pairs(asked.labels, "--labels"), pairs(asked.annotations, "--annotations")
    spec = _spec(asked.wanted) | {"ttl": _spelled(ttl)}
    return Order(asked.name, _filters(asked.wanted), spec, ttl, labels, annotations, namespace)


def _filters(flags: FilterFlags) -> Filters:
    return Filters(
        namespaces=_names(flags["include_namespaces"], flags["exclude_namespaces"]),
        resources=_names(flags["include_resources"], flags["exclude_resources"]),
        cluster_resources=flags["include_cluster_resources"],
        cluster_scoped=_names(
            flags["include_cluster_scoped_resources"], flags["exclude_cluster_scoped_resources"]
        ),
        namespace_scoped=_names(
            flags["include_namespace_scoped_resources"], flags["exclude_namespace_scoped_resources"]
        ),
        selectors=tuple(selectors.parse(text) for text in _selectors(flags)),
    )


def _selectors(flags: FilterFlags) -> list[str]:
    if flags["selector"] and flags["or_selector"]:
        raise MisusedError("Both --selector and --or-selector were given", remedy="Give one of them.")
    return [flags["selector"]] if flags["selector"] else [t for t in flags["or_selector"].split(" or ") if t]


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
    written = [selectors.fields(selectors.parse(text)) for text in _selectors(flags)]
    selecting = {"labelSelector": written[0]} if flags["selector"] else {"orLabelSelectors": written}
    found = {name: value for name, value in (fields | selecting).items() if value not in ([], None)}
    return found | {"snapshotVolumes": False}


def _names(include: Iterable[str], exclude: Iterable[str]) -> Names:
    return Names(tuple(listed(include)), tuple(listed(exclude)))


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if not found or not text:
        raise MisusedError(f"--ttl {text!r} is no length of time", remedy="Write it as 24h, 90m or 720h0m0s.")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _spelled(length: timedelta) -> str:
    """As Go writes it."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes // 60}h{minutes % 60}m{seconds}s"
