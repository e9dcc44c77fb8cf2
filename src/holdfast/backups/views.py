"""Backup objects as those see them who carry them out. Field names are Velero's; a null list is an empty one."""

from __future__ import annotations

from datetime import datetime

from holdfast.api.meta import Metadata, View
from holdfast.api.selectors import LabelSelector


class PolicyRef(View, frozen=True):
    kind: str = ""
    name: str = ""


class _HookSpec(View, frozen=True):
    name: str = ""


class Hooks(View, frozen=True):
    resources: list[_HookSpec] | None = None


class BackupSpec(View, frozen=True):
    """What is wanted; also the template of a Schedule."""

    included_namespaces: list[str] | None = None
    excluded_namespaces: list[str] | None = None
    included_resources: list[str] | None = None
    excluded_resources: list[str] | None = None
    include_cluster_resources: bool | None = None
    included_cluster_scoped_resources: list[str] | None = None
    excluded_cluster_scoped_resources: list[str] | None = None
    included_namespace_scoped_resources: list[str] | None = None
    excluded_namespace_scoped_resources: list[str] | None = None
    label_selector: LabelSelector | None = None
    or_label_selectors: list[LabelSelector] | None = None
    ordered_resources: dict[str, str] | None = None
    ttl: str = ""
    storage_location: str = ""
    volume_snapshot_locations: list[str] | None = None
    snapshot_volumes: bool | None = None
    snapshot_move_data: bool | None = None
    default_volumes_to_fs_backup: bool | None = None
    default_volumes_to_restic: bool | None = None
    hooks: Hooks | None = None
    resource_policy: PolicyRef | None = None

    @property
    def wants_contents(self) -> bool:
        """Whether contents of volumes are expected in the backup. Without a word Velero saves those that it can."""
        files = self.default_volumes_to_fs_backup or self.default_volumes_to_restic
        return self.snapshot_volumes is not False or bool(self.snapshot_move_data) or bool(files)


class RunStatus(View, frozen=True):
    phase: str = ""
    queue_position: int = 0
    start_timestamp: datetime | None = None


class AskedBackup(View, frozen=True):
    """A Backup object, from the moment that somebody made it."""

    metadata: Metadata
    spec: BackupSpec = BackupSpec()
    status: RunStatus = RunStatus()


class ScheduleSpec(View, frozen=True):
    schedule: str = ""
    template: BackupSpec = BackupSpec()
    paused: bool = False
    skip_immediately: bool | None = None
    use_owner_references_in_backup: bool | None = None


class ScheduleStatus(View, frozen=True):
    phase: str = ""
    last_backup: datetime | None = None
    last_skipped: datetime | None = None
    validation_errors: list[str] | None = None


class Schedule(View, frozen=True):
    """A Schedule of Velero's."""

    metadata: Metadata
    spec: ScheduleSpec = ScheduleSpec()
    status: ScheduleStatus = ScheduleStatus()

    @property
    def since(self) -> datetime | None:
        """From when on its next turn is reckoned."""
        moments = (self.metadata.creation_timestamp, self.status.last_backup, self.status.last_skipped)
        return max((moment for moment in moments if moment), default=None)
