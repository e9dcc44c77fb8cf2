"""One object by its name, by a quorum read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.cli.errors import MissingError
from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.api.resource import Resource
    from holdfast.cli.connecting import Cluster


async def raw(cluster: Cluster, resource: Resource, name: str, *, shown_by: str) -> dict[str, Any]:
    """The whole object.

    Args:
        cluster: where, with the namespace.
        resource: its kind.
        name: its name.
        shown_by: the verb that lists those there are, such as `group list`.

    Raises:
        MissingError: there is none of that name.
    """
    try:
        return await cluster.client.get(resource, name, cluster.namespace)
    except errors.NotFound:
        raise MissingError(
            f"{resource.kind} {name} does not exist in namespace {cluster.namespace}",
            remedy=f"`holdfast {shown_by} -A` shows those that do; -n chooses another namespace.",
        ) from None
