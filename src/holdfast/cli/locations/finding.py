"""Which locations are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.velero import LOCATIONS
from holdfast.cli.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.cli.connecting import Cluster


async def chosen(
    cluster: Cluster, namespace: str, names: Sequence[str], *, selector: str = ""
) -> list[dict[str, Any]]:
    """The objects that are named, in that order; without names all that the selector admits.

    Raises:
        MissingError: one does not exist.
    """
    found = (await cluster.client.list(LOCATIONS, namespace, labels=selector)).items
    if not names:
        return found
    known = {each["metadata"]["name"]: each for each in found}
    if missing := [name for name in names if name not in known]:
        there = ", ".join(known) or "none"
        raise MissingError(
            f"Namespace {namespace} has no location {missing[0]}; it has: {there}",
            remedy="`holdfast backup-location get` lists them.",
        )
    return [known[name] for name in names]
