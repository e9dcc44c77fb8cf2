"""Which of a recorded claim's owners are alive: a reference to a dead one gets the new claim garbage-collected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.kube.client import Client


async def living_owners(client: Client, manifest: dict[str, Any]) -> set[str]:
    """UIDs of the owners that exist now under the UID they had.

    An owner that cannot be looked up (its kind is gone, or we have no right to read it) counts as dead: a claim
    without a reference to its owner is kept, one with a dead reference is not.
    """
    metadata = manifest["metadata"]
    references = metadata.get("ownerReferences", [])
    return {o["uid"] for o in references if await _lives(client, o, metadata["namespace"])}


async def _lives(client: Client, owner: dict[str, Any], namespace: str) -> bool:
    try:
        resource = await client.discovery.kind(owner["apiVersion"], owner["kind"])
        found = await client.get(resource, owner["name"], namespace if resource.namespaced else None)
    except errors.KubeError:
        return False
    return bool(found["metadata"]["uid"] == owner["uid"])
