"""The cluster as the other side of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from holdfast.archive.paths import ItemKey
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.resource import Resource
    from holdfast.archive.spooling import Spool
    from holdfast.cli.backups.choosing import Choice
    from holdfast.kube.client import Client


async def collect(client: Client, saved: Spool, wanted: Choice, into: Spool) -> None:
    """Keep what the cluster has of the kinds and namespaces that a backup has.

    Of cluster-wide objects only those that the backup has, too: it holds some of them, not all. A kind that
    the cluster does not serve is told on standard error, and all of its objects count as gone.
    """
    namespaces = {key.namespace for key in saved if key.namespace}
    for name in sorted({key.resource for key in saved}):
        try:
            resource = await client.discovery.find(name)
        except errors.NotFound:
            click.echo(f"Warning: the cluster has no resource type {name}", err=True)
            continue
        async for page in client.pages(resource):
            _keep(page.items, resource, name, into, saved=saved, wanted=wanted, namespaces=namespaces)


def _keep(
    items: Iterable[msgspec.Raw],
    resource: Resource,
    name: str,
    into: Spool,
    *,
    saved: Spool,
    wanted: Choice,
    namespaces: set[str],
) -> None:
    typed: dict[str, Any] = {"apiVersion": resource.api_version, "kind": resource.kind}
    for item in items:
        document = typed | msgspec.json.decode(item)
        key = ItemKey(name, document["metadata"].get("namespace", ""), document["metadata"]["name"])
        if wanted.admits(key) and (key.namespace in namespaces or key in saved):
            into.add(key, document)
