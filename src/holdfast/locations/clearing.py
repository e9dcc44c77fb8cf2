"""Objects of Velero's kinds taken away: this very one, and only as long as it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.api.resource import Resource
    from holdfast.control.keys import Object
    from holdfast.kube.client import Client


async def clear(client: Client, resource: Resource, obj: Object, *, unchanged: bool = False) -> None:
    """Delete an object; one that is gone, or another of its name, is no failure.

    Args:
        client: the cluster.
        resource: what it is.
        obj: as it was read.
        unchanged: only if nobody has written to it since.
    """
    meta = obj.metadata
    version = meta.resource_version if unchanged else None
    try:
        await client.delete(resource, meta.name, meta.namespace, uid=meta.uid, resource_version=version)
    except (errors.NotFound, errors.Conflict):
        return
