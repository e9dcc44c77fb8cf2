"""What a backup says about its volumes, whichever Velero made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.meta import View
from holdfast.restores.filling import PodVolumeInfo, VolumeInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.archive.locations import SavedBackup
    from holdfast.restores.choosing import Chosen


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


def read(backup: SavedBackup, chosen: Chosen) -> list[VolumeInfo]:
    """One entry a volume. Raises errors of `holdfast.archive.errors`.

    Before 1.13 there was no list of volumes; what other lists name is then known to be saved, and how.
    """
    listed: list[VolumeInfo] | None = backup.side("volumeinfo.json.gz", list[VolumeInfo])
    return list(_of_old(backup, chosen)) if listed is None else listed


def _of_old(backup: SavedBackup, chosen: Chosen) -> Iterator[VolumeInfo]:
    claims = {item.uid: item for item in chosen.items if item.volume}
    places = {(item.key.namespace, item.key.name): item for item in claims.values()}
    for each in backup.side("podvolumebackups.json.gz", list[_PodVolumeBackup]) or ():
        claim = claims.get((each.spec.tags or {}).get("pvc-uid", ""))
        pod = PodVolumeInfo(
            volume_name=each.spec.volume, pod_name=each.spec.pod.name, pod_namespace=each.spec.pod.namespace
        )
        name = claim.volume if claim else ""
        yield VolumeInfo(pv_name=name, backup_method="PodVolumeBackup", pvb_info=pod)
    for native in backup.side("volumesnapshots.json.gz", list[_Native]) or ():
        yield VolumeInfo(pv_name=native.spec.persistent_volume_name, backup_method="NativeSnapshot")
    for snapshot in backup.side("csi-volumesnapshots.json.gz", list[_Snapshot]) or ():
        place = (snapshot.metadata.namespace, snapshot.spec.source.persistent_volume_claim_name or "")
        if place in places:
            yield VolumeInfo(pv_name=places[place].volume, backup_method="CSISnapshot")
