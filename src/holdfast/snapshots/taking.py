"""The VolumeSnapshot that a group takes, named and annotated so that a Gemini could take over again. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import SNAPSHOTS
from holdfast.policy.intervals import is_gemini
from holdfast.snapshots.reading import TIER_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from holdfast.api.groups import SnapshotGroup
    from holdfast.policy.schedules import Tier

LONGEST_GROUP = 242
"""A snapshot is named group-unixseconds and a name has 253 characters at most."""
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")


def group_label(group: str) -> str:
    """The value of our label for a group: its name, or a digest where a label cannot hold the name."""
    return group if _LABEL.fullmatch(group) else hashlib.sha256(group.encode()).hexdigest()[:40]


def slot_name(group: str, slot: datetime) -> str:
    """The name says the slot, so that two operators that take it make one snapshot."""
    return f"{group}-{int(slot.timestamp())}"


def scheduled_snapshot(group: SnapshotGroup, slot: datetime, tiers: Sequence[Tier]) -> dict[str, Any]:
    """The snapshot of one slot, for these tiers."""
    gemini = [t.text for t in tiers if is_gemini(t.text)]
    others = [t.text for t in tiers if not is_gemini(t.text)]
    notes = {
        keys.GEMINI_MANAGED_BY: keys.GEMINI_MANAGER,
        keys.GEMINI_GROUP: group.metadata.name,
        keys.GEMINI_TIMESTAMP: str(int(slot.timestamp())),
        keys.GEMINI_INTERVALS: ", ".join(gemini),
        keys.TIERS: TIER_SEPARATOR.join(others),
    }
    return _snapshot(group, slot_name(group.metadata.name, slot), {k: v for k, v in notes.items() if v})


def manual_snapshot(group: SnapshotGroup, now: datetime) -> dict[str, Any]:
    """A snapshot that somebody asked for: restorable like the others, outside all tiers.

    Its name is no slot's, so that it cannot take one's place. It lacks Gemini's own mark, because a Gemini would
    delete a snapshot of the group that no tier keeps.
    """
    stamp = str(int(now.timestamp()))
    notes = {keys.GEMINI_GROUP: group.metadata.name, keys.MANUAL: stamp}
    return _snapshot(group, f"{group.metadata.name[: LONGEST_GROUP - 7]}-manual-{stamp}", notes)


def _snapshot(group: SnapshotGroup, name: str, notes: dict[str, str]) -> dict[str, Any]:
    template = group.spec.template
    class_name = template.spec.volume_snapshot_class_name
    return {
        "apiVersion": SNAPSHOTS.api_version,
        "kind": SNAPSHOTS.kind,
        "metadata": {
            "name": name,
            "namespace": group.metadata.namespace,
            "labels": template.metadata.labels | {keys.GROUP: group_label(group.metadata.name)},
            "annotations": template.metadata.annotations | notes,
        },
        "spec": {"source": {"persistentVolumeClaimName": group.claim_name}}
        | ({"volumeSnapshotClassName": class_name} if class_name else {}),
    }
