"""From what was typed to the order of a restore."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from holdfast.cli import naming
from holdfast.cli.backups.filtering import chosen_selectors
from holdfast.cli.errors import MisusedError
from holdfast.cli.pairs import listed, pairs
from holdfast.policy import selectors
from holdfast.policy.including import Names
from holdfast.policy.restoring.conflicts import OnConflict
from holdfast.restores.orders import Order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.cli.restores.flags import RestoringFlags


def order(name: str | None, backup: str, flags: RestoringFlags) -> Order:
    """The order that the flags mean; without a name it gets that of the backup and the time, as with Velero.

    Raises:
        MisusedError: a flag cannot be understood.
        holdfast.policy.selectors.SelectorError: a selector is none.
    """
    name = name or f"{backup}-{datetime.now(UTC):%Y%m%d%H%M%S}"
    return Order(
        naming.checked(name, "a restore"),
        backup,
        namespaces=_names(flags["include_namespaces"], flags["exclude_namespaces"]),
        resources=_names(flags["include_resources"], flags["exclude_resources"]),
        cluster_resources=flags["include_cluster_resources"],
        selectors=tuple(selectors.parse(text) for text in chosen_selectors(flags)),
        mapping=pairs(flags["namespace_mappings"], "--namespace-mappings", ":"),
        classes=pairs(flags["storage_class_mappings"], "--storage-class-mappings", ":"),
        node_ports=flags["preserve_nodeports"],
        conflicts=_conflicts(flags),
        allow_missing_volumes=flags["allow_missing_volumes"],
    )


def _conflicts(flags: RestoringFlags) -> dict[str, OnConflict]:
    every = OnConflict.PATCH if flags["existing_resource_policy"] == "update" else OnConflict.SKIP
    asked = pairs(flags["on_conflict"], "--on-conflict")
    ways = {way.value: way for way in OnConflict}
    if wrong := [way for way in asked.values() if way not in ways]:
        raise MisusedError(
            f"--on-conflict: {wrong[0]!r} is no way", remedy=f"Write one of {', '.join(ways)}."
        )
    return {kind: ways[way] for kind, way in asked.items()} | {"": every}


def _names(include: Iterable[str], exclude: Iterable[str]) -> Names:
    return Names(tuple(listed(include)), tuple(listed(exclude)))
