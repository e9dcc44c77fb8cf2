"""The side files of a backup, and what is in each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.archive.sides import results, zipped, zipped_log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.backups.collecting import Collected

NOT_SAVED = "contents of volumes are not saved by this version of Holdfast"


def side_files(found: Collected, log: Iterable[str]) -> dict[str, bytes]:
    """Contents by the end of the key's name; lists of what there is none of are empty, not missing."""
    return {
        "logs.gz": zipped_log(log),
        "resource-list.json.gz": zipped(
            {kind: sorted(names) for kind, names in sorted(found.listed.items())}
        ),
        "results.gz": zipped({"errors": results(found.errors), "warnings": results(found.warnings)}),
        "volumeinfo.json.gz": zipped([_volume(*claim) for claim in found.claims]),
        "podvolumebackups.json.gz": zipped([]),
        "volumesnapshots.json.gz": zipped([]),
        "itemoperations.json.gz": zipped([]),
    }


def _volume(namespace: str, claim: str, volume: str) -> dict[str, Any]:
    return {
        "pvcName": claim,
        "pvcNamespace": namespace,
        "pvName": volume,
        "snapshotDataMoved": False,
        "preserveLocalSnapshot": False,
        "skipped": True,
        "skippedReason": NOT_SAVED,
    }
