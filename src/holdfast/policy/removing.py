"""Whether a backup may be deleted. Pure. Rules: Velero 1.18, its backup deletion controller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.policy.expiring import hindrance
from holdfast.policy.syncing import BEGUN

if TYPE_CHECKING:
    from holdfast.policy.expiring import Place

_HINDRANCES = {
    "BSLNotFound": "not found",
    "BSLUnavailable": "is unavailable: look at its status.message",
    "BSLReadOnly": "is read-only: nothing is deleted there",
}


@dataclass(frozen=True, slots=True)
class Doomed:
    """A backup that shall be deleted.

    Attributes:
        uid: of the object that there is now.
        location: name of its location.
    """

    uid: str
    phase: str
    location: str


def refusal(name: str, uid: str, backup: Doomed | None, place: Place | None) -> str:
    """Why a backup is not deleted; empty where it may be.

    Args:
        name: of the backup that was asked for.
        uid: of the object that was meant; empty where only the name was said.
        backup: the one that there is.
        place: its location.
    """
    if not name:
        return "spec.backupName is required: name the backup"
    if backup is None:
        return "backup not found"
    if uid and uid != backup.uid:
        return f"backup {name} is another one than was meant: look at it and ask again"
    if backup.phase in BEGUN:
        return f"backup is still in progress ({backup.phase or 'New'}): wait for its end"
    words = _HINDRANCES.get(hindrance(place))
    return f"backup storage location {backup.location} {words}" if words else ""
