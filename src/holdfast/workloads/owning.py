"""Who is above a pod: its controllers, the nearest first, up to where none is named or none can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api.workloads import OwnedObject
from holdfast.kube import errors
from holdfast.policy.quiescing import Owner

if TYPE_CHECKING:
    from holdfast.api.meta import Metadata, OwnerReference
    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client

DEEPEST = 8
"""More controllers above one another than anybody has."""


@dataclass(frozen=True, slots=True)
class Step:
    """One controller above a pod, and what the API server calls it."""

    owner: Owner
    resource: Resource | None = None


async def chain(client: Client, metadata: Metadata) -> list[Step]:
    """The controllers above an object, the nearest first."""
    steps: list[Step] = []
    namespace, above = metadata.namespace, _controller(metadata)
    while above and len(steps) < DEEPEST:
        step, found = await _look(client, above, namespace)
        steps.append(step)
        above = _controller(found.metadata) if found else None
    return steps


def _controller(metadata: Metadata) -> OwnerReference | None:
    return next((o for o in metadata.owner_references if o.controller), None)


async def _look(client: Client, above: OwnerReference, namespace: str) -> tuple[Step, OwnedObject | None]:
    """What cannot be read, or is of a kind that nobody serves, is taken as it is named."""
    try:
        resource = await client.discovery.kind(above.api_version, above.kind)
    except errors.NotFound:
        return Step(Owner(above.kind, above.name, scales=False)), None
    scales = client.discovery.scales(resource)
    try:
        place = namespace if resource.namespaced else None
        found = await client.get(resource, above.name, place, type=OwnedObject)
    except errors.Forbidden:
        return Step(Owner(above.kind, above.name, scales), resource), None
    except errors.NotFound:
        found = None
    alive = found is not None and found.metadata.uid == above.uid
    return Step(Owner(above.kind, above.name, scales, alive), resource), found if alive else None
