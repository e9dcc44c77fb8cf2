"""The side files of a backup, as Velero has them: small JSON documents and a log, compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from isal import igzip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from holdfast.backups.collecting import Collected

NOT_SAVED = "contents of volumes are not saved by this version of Holdfast"


def zipped(document: object) -> bytes:
    """A document as Velero stores it: compact, with a newline, compressed."""
    packed: bytes = igzip.compress(msgspec.json.encode(document) + b"\n")
    return packed


def side_files(found: Collected, log: Iterable[str]) -> dict[str, bytes]:
    """Contents by the end of the key's name; lists of what there is none of are empty, not missing."""
    text = "".join(f"{line}\n" for line in log).encode()
    packed: bytes = igzip.compress(text)
    return {
        "logs.gz": packed,
        "resource-list.json.gz": zipped(
            {kind: sorted(names) for kind, names in sorted(found.listed.items())}
        ),
        "results.gz": zipped({"errors": _results(found.errors), "warnings": _results(found.warnings)}),
        "volumeinfo.json.gz": zipped([_volume(*claim) for claim in found.claims]),
        "podvolumebackups.json.gz": zipped([]),
        "volumesnapshots.json.gz": zipped([]),
        "itemoperations.json.gz": zipped([]),
    }


def log_line(level: str, message: str, now: datetime) -> str:
    """One line as Velero's tools show it."""
    return f'time="{stamp(now)}" level={level} msg={msgspec.json.encode(message).decode()}'


def stamp(moment: datetime) -> str:
    """A time as the API server writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _results(found: Mapping[str, list[str]]) -> dict[str, Any]:
    cluster = {"cluster": found[""]} if found.get("") else {}
    namespaces = {name: said for name, said in found.items() if name}
    return cluster | ({"namespaces": namespaces} if namespaces else {})


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
