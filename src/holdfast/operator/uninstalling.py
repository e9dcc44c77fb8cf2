"""Taking an installation out of a cluster, without taking anything of the users with it.

A CustomResourceDefinition goes only when it has no objects and was not there before; a namespace only when
`holdfast install` made it and nothing else lives in it. While a restore is under way nothing is removed at all: the
operator is needed to bring it to an end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from holdfast.api import keys, velero_crds
from holdfast.api.crds import DEFINITIONS
from holdfast.api.resource import (
    CLAIMS,
    CRDS,
    DEPLOYMENTS,
    NAMESPACES,
    PODS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    VOLUME_RESTORES,
    Resource,
)
from holdfast.api.restores import VolumeRestore
from holdfast.api.velero import LOCATIONS, VELERO_BACKUPS, VELERO_SCHEDULES
from holdfast.control.keys import Key
from holdfast.kube import errors
from holdfast.operator.manifests import resource_of
from holdfast.operator.manifests.settings import LABELS, MANAGED_BY, NAME
from holdfast.policy.exchange import EXCLUSIVE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from holdfast.kube.client import Client
    from holdfast.operator.manifests import Manifest

_KIND_OF = {f"{d.resource.plural}.{d.resource.group}": d.resource for d in DEFINITIONS}
_OURS = {keys.MANAGER, "kube-apiserver"}
_SEVERAL = 3
_INHABITANTS = (
    CLAIMS,
    SNAPSHOTS,
    SNAPSHOT_GROUPS,
    VOLUME_RESTORES,
    DEPLOYMENTS,
    PODS,
    LOCATIONS,
    VELERO_BACKUPS,
    VELERO_SCHEDULES,
)


class Removed(NamedTuple):
    """What became of one object; `kept` says why it stays, and is empty when it went."""

    manifest: Manifest
    kept: str


async def restores_under_way(client: Client) -> list[str]:
    """`namespace/name (phase)` of each VolumeRestore that needs the operator to end."""
    try:
        listing = await client.list(VOLUME_RESTORES, type=VolumeRestore)
    except errors.NotFound:
        return []
    return [
        f"{restore.metadata.namespace}/{restore.metadata.name} ({restore.status.phase})"
        for restore in listing.items
        if restore.status.phase in EXCLUSIVE
    ]


async def uninstall(
    client: Client, objects: Sequence[Manifest], *, dry_run: bool = False
) -> AsyncIterator[Removed]:
    """Delete the objects of an installation, last applied first, telling what became of each.

    What is not there is passed over in silence. Each delete carries the UID of the object that was looked at.
    """
    for manifest in reversed(objects):
        resource, metadata = resource_of(manifest), manifest["metadata"]
        try:
            found = await client.get(resource, metadata["name"], metadata.get("namespace"))
        except errors.NotFound:
            continue
        kept = await _reason_to_keep(client, resource, found)
        if not kept:
            await _delete(client, resource, found, dry_run=dry_run)
        yield Removed(manifest, kept)


async def _delete(client: Client, resource: Resource, found: Manifest, *, dry_run: bool) -> None:
    metadata = found["metadata"]
    await client.delete(
        resource,
        metadata["name"],
        metadata.get("namespace"),
        uid=metadata["uid"],
        propagation="Foreground" if resource == DEPLOYMENTS else None,
        dry_run=dry_run,
    )


async def _reason_to_keep(client: Client, resource: Resource, found: Manifest) -> str:
    if velero_crds.is_veleros(found):
        return "it is Velero's, and backups may be of it"
    if resource == CRDS:
        return _foreign_owner(found) or await _objects_left(client, found["metadata"]["name"])
    if resource == NAMESPACES:
        return await _inhabited(client, found)
    return ""


def _foreign_owner(found: Manifest) -> str:
    entries = found["metadata"].get("managedFields", [])
    others = sorted({entry.get("manager", "") for entry in entries} - _OURS)
    return f"it was there before: {', '.join(others)} has fields of it" if others else ""


async def _objects_left(client: Client, definition: str) -> str:
    try:
        left = (await client.list(_KIND_OF[definition])).items
    except errors.NotFound:
        return ""
    if not left:
        return ""
    return f"{len(left)} object{'s' if len(left) > 1 else ''} of it: {_some(left)}"


def _some(objects: Sequence[Any]) -> str:
    names = [str(Key(o["metadata"].get("namespace", ""), o["metadata"]["name"])) for o in objects[:_SEVERAL]]
    return ", ".join([*names, *(["…"] if len(objects) > _SEVERAL else [])])


async def _inhabited(client: Client, found: Manifest) -> str:
    metadata = found["metadata"]
    if metadata.get("labels", {}).get(MANAGED_BY) != NAME:
        return "`holdfast install` did not make it"
    for resource in _INHABITANTS:
        if others := await _others(client, resource, metadata["name"]):
            return f"it has {resource.plural}: {_some(others)}"
    return ""


async def _others(client: Client, resource: Resource, namespace: str) -> list[Manifest]:
    try:
        objects = (await client.list(resource, namespace)).items
    except errors.NotFound:
        return []
    return [o for o in objects if not LABELS.items() <= o["metadata"].get("labels", {}).items()]
