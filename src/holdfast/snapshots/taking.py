"""The VolumeSnapshot that a group takes, named and annotated so that a Gemini could take over again. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import GROUP_SNAPSHOTS, SNAPSHOTS
from holdfast.policy.intervals import is_gemini
from holdfast.policy.sets import part_keys
from holdfast.snapshots.reading import TIER_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.resource import Resource
    from holdfast.api.storage import GroupSnapshot
    from holdfast.policy.schedules import Tier
    from holdfast.snapshots.cutting import Way
    from holdfast.snapshots.moments import Moment

LONGEST_GROUP = 242
"""A snapshot is named group-unixseconds and a name has 253 characters at most."""
LONGEST_OF_SET = LONGEST_GROUP - 16
"""One of several claims has up to eight characters and a dash more, and one by hand says so."""
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
    name = slot_name(group.metadata.name, slot)
    return _snapshot(group, name, group.claim_name, {k: v for k, v in notes.items() if v})


def scheduled_set(
    group: SnapshotGroup, claims: Collection[str], slot: datetime, tiers: Sequence[Tier]
) -> list[dict[str, Any]]:
    """A snapshot of each claim, all of one slot; none bears Gemini's mark."""
    return _parts(group, claims, str(int(slot.timestamp())), _notes(group, slot, tiers))


def scheduled_whole(
    group: SnapshotGroup, claims: Collection[str], slot: datetime, tiers: Sequence[Tier], way: Way
) -> dict[str, Any]:
    """The group snapshot of a slot, which bears what its members shall bear."""
    return _whole(group, slot_name(group.metadata.name, slot), claims, _notes(group, slot, tiers), way)


def manual_whole(group: SnapshotGroup, claims: Collection[str], now: datetime, way: Way) -> dict[str, Any]:
    """The group snapshot of a set that somebody asked for, as `manual_set`."""
    notes = _manual_notes(group, now)
    return _whole(group, f"{group.metadata.name}-manual-{notes[keys.MANUAL]}", claims, notes, way)


def _whole(
    group: SnapshotGroup, name: str, claims: Collection[str], notes: dict[str, str], way: Way
) -> dict[str, Any]:
    body = _body(GROUP_SNAPSHOTS, group, name, notes | {keys.SET: ",".join(sorted(claims))})
    source = {"selector": {"matchLabels": dict(way.labels)}}
    return body | {"spec": {"source": source, "volumeGroupSnapshotClassName": way.class_name}}


def marks_of(whole: GroupSnapshot) -> dict[str, Any]:
    """What makes a member of a group snapshot a part of its set: the snapshot controller hands nothing down."""
    return {"metadata": {"labels": whole.metadata.labels, "annotations": whole.metadata.annotations}}


def _notes(group: SnapshotGroup, slot: datetime, tiers: Sequence[Tier]) -> dict[str, str]:
    return {
        keys.GEMINI_GROUP: group.metadata.name,
        keys.GEMINI_TIMESTAMP: str(int(slot.timestamp())),
        keys.TIERS: TIER_SEPARATOR.join(t.text for t in tiers),
    }


def missing_parts(group: SnapshotGroup, moment: Moment) -> list[dict[str, Any]]:
    """The snapshots that a set lacks, as they were meant when it was asked for."""
    known = moment.snapshots[0].metadata.annotations
    notes = {
        name: known[name] for name in (keys.GEMINI_GROUP, keys.GEMINI_TIMESTAMP, keys.TIERS) if name in known
    }
    parts = _parts(group, moment.meant, known.get(keys.GEMINI_TIMESTAMP, ""), notes)
    return [p for p in parts if p["spec"]["source"]["persistentVolumeClaimName"] in moment.shot.lacks]


def _parts(
    group: SnapshotGroup, claims: Collection[str], end: str, notes: dict[str, str]
) -> list[dict[str, Any]]:
    notes = notes | {keys.SET: ",".join(sorted(claims))}
    prefix = group.metadata.name
    return [
        _snapshot(group, f"{prefix}-{key}-{end}", claim, notes)
        for claim, key in sorted(part_keys(claims).items())
    ]


def manual_set(group: SnapshotGroup, claims: Collection[str], now: datetime) -> list[dict[str, Any]]:
    """A set that somebody asked for, as `manual_snapshot`."""
    notes = _manual_notes(group, now)
    return _parts(group, claims, f"manual-{notes[keys.MANUAL]}", notes)


def manual_snapshot(group: SnapshotGroup, now: datetime) -> dict[str, Any]:
    """A snapshot that somebody asked for: restorable like the others, outside all tiers.

    Its name is no slot's, so that it cannot take one's place. It lacks Gemini's own mark, because a Gemini would
    delete a snapshot of the group that no tier keeps.
    """
    notes = _manual_notes(group, now)
    name = f"{group.metadata.name[: LONGEST_GROUP - 7]}-manual-{notes[keys.MANUAL]}"
    return _snapshot(group, name, group.claim_name, notes)


def _manual_notes(group: SnapshotGroup, now: datetime) -> dict[str, str]:
    return {keys.GEMINI_GROUP: group.metadata.name, keys.MANUAL: str(int(now.timestamp()))}


def _snapshot(group: SnapshotGroup, name: str, claim: str, notes: dict[str, str]) -> dict[str, Any]:
    class_name = group.spec.template.spec.volume_snapshot_class_name
    return _body(SNAPSHOTS, group, name, notes) | {
        "spec": {"source": {"persistentVolumeClaimName": claim}}
        | ({"volumeSnapshotClassName": class_name} if class_name else {}),
    }


def _body(resource: Resource, group: SnapshotGroup, name: str, notes: dict[str, str]) -> dict[str, Any]:
    template = group.spec.template.metadata
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {
            "name": name,
            "namespace": group.metadata.namespace,
            "labels": template.labels | {keys.GROUP: group_label(group.metadata.name)},
            "annotations": template.annotations | notes,
        },
    }
