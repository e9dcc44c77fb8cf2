"""From the spec of a Restore to an order, and what speaks against it in sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.keys import ALLOW_MISSING_VOLUMES
from holdfast.policy import selectors
from holdfast.policy.including import Names
from holdfast.policy.restoring.conflicts import OnConflict
from holdfast.restores.orders import Order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.restores.views import AskedRestore, RestoreSpec

_POLICIES = {"": OnConflict.SKIP, "none": OnConflict.SKIP, "update": OnConflict.PATCH}


def order(asked: AskedRestore, backup: str) -> Order:
    """The order that a Restore without problems means.

    Args:
        asked: the object.
        backup: the backup that it is from.
    """
    spec = asked.spec
    chosen = [spec.label_selector] if spec.label_selector else spec.or_label_selectors or []
    return Order(
        asked.metadata.name,
        backup,
        namespaces=_names(spec.included_namespaces, spec.excluded_namespaces),
        resources=_names(spec.included_resources, spec.excluded_resources),
        cluster_resources=spec.include_cluster_resources,
        selectors=tuple(selectors.read(each) for each in chosen),
        mapping=spec.namespace_mapping or {},
        node_ports=bool(spec.preserve_node_ports),
        conflicts={"": _POLICIES[spec.existing_resource_policy]},
        volumes=spec.restore_pvs is not False,
        allow_missing_volumes=asked.metadata.annotations.get(ALLOW_MISSING_VOLUMES) == "true",
    )


def problems(spec: RestoreSpec) -> Iterator[str]:
    """Why it cannot be carried out, all of it."""
    if bool(spec.backup_name) == bool(spec.schedule_name):
        yield "backupName or scheduleName: give one of them"
    if spec.label_selector and spec.or_label_selectors:
        yield "labelSelector and orLabelSelectors are both given: give one of them"
    if spec.existing_resource_policy not in _POLICIES:
        yield f"existingResourcePolicy {spec.existing_resource_policy!r} is not known: none and update are"
    if spec.resource_modifier:
        yield (
            f"resourceModifier {spec.resource_modifier.name}: modifiers are not followed by this version of "
            "Holdfast, and without them other objects would come back than are wanted"
        )


def unheeded(spec: RestoreSpec) -> Iterator[str]:
    """What is asked for and not done yet."""
    if spec.hooks and spec.hooks.resources:
        yield "hooks: commands in pods are not run by this version of Holdfast"
    if spec.restore_status and spec.restore_status.included_resources:
        yield "restoreStatus: the status of objects is not restored by this version of Holdfast"


def _names(include: list[str] | None, exclude: list[str] | None) -> Names:
    return Names(tuple(include or ()), tuple(exclude or ()))
