"""Restore objects as those see them who carry them out. Field names are Velero's; a null list is an empty one."""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.api.meta import Metadata, View
from holdfast.api.selectors import LabelSelector


class _Hooks(View, frozen=True):
    resources: list[Any] | None = None


class _StatusWanted(View, frozen=True):
    included_resources: list[str] | None = None


class _Named(View, frozen=True):
    name: str = ""


class RestoreSpec(View, frozen=True):
    """What is wanted."""

    backup_name: str = ""
    schedule_name: str = ""
    included_namespaces: list[str] | None = None
    excluded_namespaces: list[str] | None = None
    included_resources: list[str] | None = None
    excluded_resources: list[str] | None = None
    include_cluster_resources: bool | None = None
    label_selector: LabelSelector | None = None
    or_label_selectors: list[LabelSelector] | None = None
    namespace_mapping: dict[str, str] | None = None
    preserve_node_ports: bool | None = None
    existing_resource_policy: str = ""
    restore_pvs: bool | None = msgspec.field(name="restorePVs", default=None)
    restore_status: _StatusWanted | None = None
    resource_modifier: _Named | None = None
    hooks: _Hooks | None = None


class RestoreStatus(View, frozen=True):
    phase: str = ""
    start_timestamp: str = ""


class AskedRestore(View, frozen=True):
    """A Restore object, from the moment that somebody made it."""

    metadata: Metadata
    spec: RestoreSpec = RestoreSpec()
    status: RestoreStatus = RestoreStatus()
