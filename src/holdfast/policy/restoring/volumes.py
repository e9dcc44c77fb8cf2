"""What becomes of a volume and its claim in a restore: Velero's decision table, without its silent losses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What a claim comes back with."""

    FROM_SNAPSHOT = "a volume from its snapshot"
    AS_IT_IS = "the volume that it had"
    EMPTY = "an empty volume"
    NOT_RESTORABLE = "nothing"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup says about a volume.

    Attributes:
        method: `CSISnapshot`, `PodVolumeBackup`, `NativeSnapshot`; empty: its contents were not saved.
        moved: whether a data mover took the snapshot's contents to a repository.
        handle: the storage system's name of the snapshot.
        driver: the CSI driver that knows it.
        size: bytes that a volume from it must have at least; 0 if unknown.
        reclaim: `Delete` or `Retain`.
    """

    method: str = ""
    moved: bool = False
    handle: str = ""
    driver: str = ""
    size: int = 0
    reclaim: str = "Delete"


def fate(saved: Saved) -> Fate:
    """Decide for one volume."""
    if saved.method == "CSISnapshot" and not saved.moved and saved.handle:
        return Fate.FROM_SNAPSHOT
    if saved.method:
        return Fate.NOT_RESTORABLE
    return Fate.AS_IT_IS if saved.reclaim == "Retain" else Fate.EMPTY


def why_not(saved: Saved) -> str:
    """Why a volume cannot be read, in words for people."""
    if saved.moved:
        return "its contents are in a repository of a data mover, which cannot be read yet"
    kinds = {
        "PodVolumeBackup": "its files are in a repository of Velero's node agent, which cannot be read yet",
        "NativeSnapshot": "its snapshot is one of a cloud's own, which cannot be used yet",
        "CSISnapshot": "the backup does not say which snapshot it is",
    }
    return kinds.get(saved.method, f"it was saved by {saved.method}, which is not known")
