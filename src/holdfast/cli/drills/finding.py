"""A RestoreDrill, by a quorum read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.drills import RestoreDrill
from holdfast.api.resource import RESTORE_DRILLS
from holdfast.cli.errors import MissingError
from holdfast.kube import errors

if TYPE_CHECKING:
    from holdfast.cli.connecting import Cluster


async def raw_drill(cluster: Cluster, name: str) -> dict[str, Any]:
    """The whole object.

    Raises:
        MissingError: there is none of that name.
    """
    try:
        return await cluster.client.get(RESTORE_DRILLS, name, cluster.namespace)
    except errors.NotFound:
        raise MissingError(
            f"RestoreDrill {name} does not exist in namespace {cluster.namespace}",
            remedy="`holdfast drill list -A` shows those that do; -n chooses another namespace.",
        ) from None


async def drill(cluster: Cluster, name: str) -> RestoreDrill:
    """What is needed of it.

    Raises:
        MissingError: there is none of that name.
    """
    return msgspec.convert(await raw_drill(cluster, name), RestoreDrill)
