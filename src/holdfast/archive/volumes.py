"""What a backup says about its volumes, whichever Velero made it.

Before 1.13 there was no list of volumes. What other lists name is then known to be saved, and how; claims are named
there by their UIDs, or by their places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.meta import View
from holdfast.archive.layout import VOLUMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class CsiInfo(View, frozen=True):
    snapshot_handle: str = ""
    size: int = 0
    driver: str = ""


class PodVolumeInfo(View, frozen=True):
    volume_name: str = ""
    pod_name: str = ""
    pod_namespace: str = ""


class PvInfo(View, frozen=True):
    reclaim_policy: str = "Delete"


class VolumeInfo(View, frozen=True):
    """One volume, as far as it is needed.

    Attributes:
        claim_uid: of its claim, where only that is known.
    """

    pv_name: str = ""
    pvc_name: str = ""
    pvc_namespace: str = ""
    backup_method: str = ""
    snapshot_data_moved: bool = False
    skipped: bool = False
    csi_snapshot_info: CsiInfo | None = None
    pv_info: PvInfo | None = None
    pvb_info: PodVolumeInfo | None = None
    claim_uid: str = ""

    @property
    def saved_by(self) -> str:
        """How its contents were saved: `CSISnapshot`, `PodVolumeBackup`, `NativeSnapshot`; empty: they were not."""
        return "" if self.skipped else self.backup_method


class _Pod(View, frozen=True):
    name: str = ""
    namespace: str = ""


class _PodVolumeSpec(View, frozen=True):
    pod: _Pod = _Pod()
    volume: str = ""
    tags: dict[str, str] | None = None


class _PodVolumeBackup(View, frozen=True):
    spec: _PodVolumeSpec = _PodVolumeSpec()


class _NativeSpec(View, frozen=True):
    persistent_volume_name: str = ""


class _Native(View, frozen=True):
    spec: _NativeSpec = _NativeSpec()


class _Place(View, frozen=True):
    namespace: str = ""


class _Source(View, frozen=True):
    persistent_volume_claim_name: str | None = None


class _SnapshotSpec(View, frozen=True):
    source: _Source = _Source()


class _Snapshot(View, frozen=True):
    metadata: _Place = _Place()
    spec: _SnapshotSpec = _SnapshotSpec()


def read(side: Callable[[str, Any], Any]) -> list[VolumeInfo]:
    """One entry a volume.

    Args:
        side: gives a side file of the backup as a type, None where there is none; its errors go on to the caller.
    """
    listed: list[VolumeInfo] | None = side(VOLUMES, list[VolumeInfo])
    return list(_of_old(side)) if listed is None else listed


def _of_old(side: Callable[[str, Any], Any]) -> Iterator[VolumeInfo]:
    for each in side("podvolumebackups.json.gz", list[_PodVolumeBackup]) or ():
        spec = each.spec
        pod = PodVolumeInfo(volume_name=spec.volume, pod_name=spec.pod.name, pod_namespace=spec.pod.namespace)
        claim = (spec.tags or {}).get("pvc-uid", "")
        yield VolumeInfo(claim_uid=claim, backup_method="PodVolumeBackup", pvb_info=pod)
    for native in side("volumesnapshots.json.gz", list[_Native]) or ():
        yield VolumeInfo(pv_name=native.spec.persistent_volume_name, backup_method="NativeSnapshot")
    for snapshot in side("csi-volumesnapshots.json.gz", list[_Snapshot]) or ():
        claim = snapshot.spec.source.persistent_volume_claim_name or ""
        place = snapshot.metadata.namespace
        yield VolumeInfo(pvc_namespace=place, pvc_name=claim, backup_method="CSISnapshot")
