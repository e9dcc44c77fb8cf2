"""A RestoreDrill, by a quorum read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.drills import RestoreDrill
from holdfast.api.resource import RESTORE_DRILLS
from holdfast.cli import objects

if TYPE_CHECKING:
    from holdfast.cli.connecting import Cluster


async def raw_drill(cluster: Cluster, name: str) -> dict[str, Any]:
    """The whole object.

    Raises:
        MissingError: there is none of that name.
    """
    return await objects.raw(cluster, RESTORE_DRILLS, name, shown_by="drill list")


async def drill(cluster: Cluster, name: str) -> RestoreDrill:
    """What is needed of it.

    Raises:
        MissingError: there is none of that name.
    """
    return msgspec.convert(await raw_drill(cluster, name), RestoreDrill)
