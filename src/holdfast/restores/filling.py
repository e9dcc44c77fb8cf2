"""Claims and what fills them: which volumes a backup can give back, and claims that are made accordingly.

A claim is made before the snapshot objects that it names, so that a claim that exists already gets none. Volumes
that cannot be read leave their claims waiting, and the pods with them: an application that started on an empty
volume would take it for its own.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from holdfast.api.keys import HELD_BY
from holdfast.api.quantity import format_size, parse_size
from holdfast.api.resource import CONTENTS, SNAPSHOTS
from holdfast.archive.volumes import CsiInfo, PvInfo
from holdfast.kube import errors
from holdfast.policy.labelling import label_value
from holdfast.policy.restoring import choosing
from holdfast.policy.restoring.volumes import Fate, Saved, fate, why_not

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdfast.api.resource import Resource
    from holdfast.archive.volumes import VolumeInfo
    from holdfast.kube.client import Client
    from holdfast.restores.choosing import Chosen, Item
    from holdfast.restores.orders import Order

_PREFIX = "holdfast-"


class Filler:
    """The volumes and claims of one restore."""

    def __init__(self, client: Client, chosen: Chosen, infos: Sequence[VolumeInfo], order: Order) -> None:
        """Decides for each claim; nothing is asked or written.

        Args:
            client: the cluster.
            chosen: what comes back; volumes that do not are taken out of it.
            infos: what the backup says about volumes.
            order: what is wanted.
        """
        self._client, self._order = client, order
        self._saved = _saved_by_volume(chosen, infos)
        for item in chosen.items:
            if item.key.resource == choosing.VOLUMES and not self._has_contents(item.key.name):
                self._saved[item.key.name] = _unsaved(chosen.document(item))
        claims = [item for item in chosen.items if item.key.resource == choosing.CLAIMS]
        self._volumes = {item.key: item.volume for item in claims}
        spaces = {item.key.namespace for item in chosen.items}
        self._of_pods = [
            pod
            for info in infos
            if info.saved_by
            and not _has_claim(info)
            and (pod := info.pvb_info)
            and pod.pod_namespace in spaces
        ]
        chosen.leave(self._is_replaced, choosing.Left.NEW_VOLUME)

    def lost(self) -> list[str]:
        """Claims and volumes of pods whose contents cannot come back, each with the reason."""
        why = why_not(Saved("PodVolumeBackup"))
        of_pods = [
            f"volume {p.volume_name} of pod {p.pod_namespace}/{p.pod_name}: {why}" for p in self._of_pods
        ]
        return of_pods + [
            f"claim {key.namespace}/{key.name}: {why_not(self._saved[volume])}"
            for key, volume in sorted(self._volumes.items())
            if self._fate(volume) is Fate.NOT_RESTORABLE
        ]

    def prepare(self, item: Item, body: dict[str, Any]) -> tuple[str, ...]:
        """Change a claim that is about to be made; gives what somebody should know."""
        if item.key.resource != choosing.CLAIMS:
            return ()
        spec, found = body.setdefault("spec", {}), self._fate(item.volume)
        for name in ("dataSource", "dataSourceRef"):
            spec.pop(name, None)
        if found is not Fate.AS_IT_IS:
            spec.pop("volumeName", None)
        if found is Fate.NOT_RESTORABLE:
            spec["selector"] = {"matchLabels": {HELD_BY: label_value(self._order.name)}}
            return (f"{_named(item)} waits without a volume: {why_not(self._saved[item.volume])}",)
        if found is Fate.FROM_SNAPSHOT:
            _from_snapshot(spec, self._saved[item.volume].size)
        empty = found is Fate.EMPTY and item.volume
        return (f"{_named(item)} comes back empty: its contents were not saved",) if empty else ()

    async def fill(self, item: Item, namespace: str, claim: Mapping[str, Any]) -> None:
        """Make the snapshot objects that a claim names, once it is there; none for one that has its volume.

        Args:
            item: what came back.
            namespace: where.
            claim: as it was sent, or as an earlier run has made it.
        """
        if item.key.resource != choosing.CLAIMS or self._fate(item.volume) is not Fate.FROM_SNAPSHOT:
            return
        name = (claim.get("spec", {}).get("dataSource") or {}).get("name", "")
        if not name.startswith(_PREFIX) or claim.get("status", {}).get("phase") == "Bound":
            return
        labels = self._order.change.labels
        for resource, body in _snapshot_objects(name, namespace, self._saved[item.volume], labels):
            try:
                await self._client.create(resource, body)
            except errors.AlreadyExists:
                continue

    def _has_contents(self, volume: str) -> bool:
        return bool(self._saved.get(volume, Saved()).method)

    def _fate(self, volume: str) -> Fate:
        saved = self._saved.get(volume, Saved())
        return fate(saved) if self._order.volumes or not saved.method else Fate.EMPTY

    def _is_replaced(self, item: Item) -> bool:
        kept = self._fate(item.key.name) is Fate.AS_IT_IS
        return item.key.resource == choosing.VOLUMES and not kept


def _saved_by_volume(chosen: Chosen, infos: Sequence[VolumeInfo]) -> dict[str, Saved]:
    by_uid = {item.uid: item.volume for item in chosen.items if item.volume}
    by_place = {(item.key.namespace, item.key.name): item.volume for item in chosen.items if item.volume}
    found = {
        info.pv_name
        or by_uid.get(info.claim_uid)
        or by_place.get((info.pvc_namespace, info.pvc_name), ""): info
        for info in infos
    }
    return {volume: _saved(info) for volume, info in found.items() if volume}


def _saved(info: VolumeInfo) -> Saved:
    csi, policy = info.csi_snapshot_info or CsiInfo(), (info.pv_info or PvInfo()).reclaim_policy
    return Saved(info.saved_by, info.snapshot_data_moved, csi.snapshot_handle, csi.driver, csi.size, policy)


def _has_claim(info: VolumeInfo) -> bool:
    return bool(info.pv_name or info.pvc_name or info.claim_uid)


def _named(item: Item) -> str:
    return f"{item.kind}:{item.key.name}"


def _unsaved(volume: dict[str, Any]) -> Saved:
    return Saved(reclaim=volume.get("spec", {}).get("persistentVolumeReclaimPolicy", "Delete"))


def _from_snapshot(spec: dict[str, Any], size: int) -> None:
    """Each claim names a snapshot of its own, which no earlier restore can have left behind."""
    snapshot = f"{_PREFIX}{secrets.token_hex(8)}"
    spec["dataSource"] = {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": snapshot}
    spec.pop("selector", None)
    requests = spec.setdefault("resources", {}).setdefault("requests", {})
    if parse_size(requests.get("storage", "0")) < size:
        requests["storage"] = format_size(size)


def _snapshot_objects(
    name: str, namespace: str, saved: Saved, labels: dict[str, str]
) -> tuple[tuple[Resource, dict[str, Any]], ...]:
    """A content that stands for the snapshot, which outlives it, and the snapshot that a claim can name."""
    content = {
        "apiVersion": CONTENTS.api_version,
        "kind": CONTENTS.kind,
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "deletionPolicy": "Retain",
            "driver": saved.driver,
            "source": {"snapshotHandle": saved.handle},
            "volumeSnapshotRef": {"namespace": namespace, "name": name},
        },
    }
    snapshot = {
        "apiVersion": SNAPSHOTS.api_version,
        "kind": SNAPSHOTS.kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"source": {"volumeSnapshotContentName": name}},
    }
    return (CONTENTS, content), (SNAPSHOTS, snapshot)
