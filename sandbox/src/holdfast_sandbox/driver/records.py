"""What the driver remembers: volumes, snapshots, groups, and the index of all three as JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A directory of data. `size` is in bytes; `targets` are the paths it is published at.

    `node` is the only one that reaches it; empty: all do.
    """

    id: str
    name: str
    size: int
    block: bool
    created: float
    from_snapshot: str = ""
    from_volume: str = ""
    targets: tuple[str, ...] = ()
    node: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A copy of a volume. `ready_at` is in seconds since the epoch; None means never."""

    id: str
    name: str
    source: str
    size: int
    block: bool
    created: float
    ready_at: float | None
    group: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Snapshots that were taken together."""

    id: str
    name: str
    created: float
    sources: tuple[str, ...]
    snapshots: tuple[str, ...]


AnyRecord: TypeAlias = Volume | Snapshot | Group
Record = TypeVar("Record", Volume, Snapshot, Group)


@dataclass(frozen=True, slots=True)
class Index:
    """All records by id. Never changed in place: each change is a new index."""

    volumes: Mapping[str, Volume] = field(default_factory=dict)
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    def dump(self) -> str:
        kinds = {
            "volumes": [_fields(volume) for volume in self.volumes.values()],
            "snapshots": [_fields(snapshot) for snapshot in self.snapshots.values()],
            "groups": [_fields(group) for group in self.groups.values()],
        }
        return json.dumps(kinds)

    @staticmethod
    def parse(text: str) -> "Index":
        kinds = json.loads(text)
        return Index(
            added({}, *(Volume(**{**r, "targets": tuple(r["targets"])}) for r in kinds["volumes"])),
            added({}, *(Snapshot(**r) for r in kinds["snapshots"])),
            added({}, *(_group(**r) for r in kinds["groups"])),
        )


def _fields(record: AnyRecord) -> dict[str, object]:
    """As `asdict`, many times quicker: it runs for every record at every change."""
    return {name: getattr(record, name) for name in record.__slots__}


def _group(*, sources: Iterable[str], snapshots: Iterable[str], **others: object) -> Group:
    return Group(sources=tuple(sources), snapshots=tuple(snapshots), **others)  # type: ignore[arg-type]


def added(records: Mapping[str, Record], *new: Record) -> dict[str, Record]:
    """The records with others added or put in the place of those with the same id."""
    return {**records, **{record.id: record for record in new}}


def without(records: Mapping[str, Record], *ids: str) -> dict[str, Record]:
    return {id_: record for id_, record in records.items() if id_ not in ids}


def named(records: Mapping[str, Record], name: str) -> Record | None:
    return next((record for record in records.values() if record.name == name), None)
