"""From the spec of a Backup to what it means: filters, a length of time, problems in sentences. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from holdfast.policy import durations, selectors
from holdfast.policy.including import ALWAYS_LEFT_OUT, Filters, Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.backups.views import BackupSpec

TTL = timedelta(hours=720)
"""How long a backup is kept unless somebody says otherwise; Velero's default."""


def filters(spec: BackupSpec) -> Filters:
    """What goes into the backup; that Velero's servers name what is never in says nothing."""
    chosen = [spec.label_selector] if spec.label_selector else spec.or_label_selectors or []
    return Filters(
        namespaces=_names(spec.included_namespaces, spec.excluded_namespaces),
        resources=_names(spec.included_resources, spec.excluded_resources),
        cluster_resources=spec.include_cluster_resources,
        cluster_scoped=_names(spec.included_cluster_scoped_resources, spec.excluded_cluster_scoped_resources),
        namespace_scoped=_names(
            spec.included_namespace_scoped_resources, spec.excluded_namespace_scoped_resources
        ),
        selectors=tuple(selectors.read(each) for each in chosen),
    )


def ttl(spec: BackupSpec) -> timedelta:
    """When the backup may be deleted, from its start.

    Raises:
        holdfast.policy.durations.DurationError: `spec.ttl` is no length of time.
    """
    return (durations.read(spec.ttl) if spec.ttl else timedelta()) or TTL


def problems(spec: BackupSpec) -> list[str]:
    """Why this backup cannot be made, all of it, in sentences for people."""
    said = filters(spec).problems()
    if spec.label_selector and spec.or_label_selectors:
        said.append("labelSelector and orLabelSelectors are both given: give one of them")
    try:
        if ttl(spec) < timedelta():
            said.append(f"ttl {spec.ttl} is negative: write it as 24h or 720h0m0s")
    except durations.DurationError as error:
        said.append(f"ttl: {error}")
    return said


def unheeded(spec: BackupSpec) -> Iterator[str]:
    """What the spec asks for that is not done yet, in sentences for people."""
    if spec.hooks and spec.hooks.resources:
        yield "hooks: commands in pods are not run by this version of Holdfast"
    if spec.ordered_resources:
        yield "orderedResources: objects are saved in Holdfast's own order"
    if spec.volume_snapshot_locations:
        yield "volumeSnapshotLocations: contents of volumes are not saved by this version of Holdfast"


def unmet(spec: BackupSpec) -> Iterator[str]:
    """The same where something may be missing from the backup for it: errors of the backup."""
    if spec.resource_policy:
        yield (
            f"resourcePolicy {spec.resource_policy.name} is not followed by this version of Holdfast: "
            "what it includes may be missing"
        )


def _names(include: list[str] | None, exclude: list[str] | None) -> Names:
    named = (name for name in exclude or () if name not in ALWAYS_LEFT_OUT)
    return Names(tuple(include or ()), tuple(named))
