"""Options and results of `find`, `diff`, `stats`, `list_files` and `blobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ._common import SnapshotSelection, Stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ._engine import Node, Snapshot
    from .errors import EngineError


class FindOptions(SnapshotSelection, total=False):
    """Where to look and for what."""

    snapshots: Sequence[str]
    """Only these (`latest`, prefixes of ids)."""
    ignore_case: bool
    oldest: datetime
    """Entries modified before are left out."""
    newest: datetime
    """Entries modified after are left out."""
    oldest_first: bool
    """Snapshots from old to new; from new to old by default."""


class FindMatch(NamedTuple):
    """An entry that fits."""

    snapshot: Snapshot
    node: Node


class ObjectMatch(NamedTuple):
    """A blob, tree or pack that was asked for, and where a snapshot uses it."""

    object_type: Literal["blob", "tree"]
    id: str
    path: str
    raw_path: bytes
    parent_tree: str | None
    """The tree that names it; of a blob."""
    snapshot: str
    time: datetime
    pack: str | None
    """That holds it."""


class ObjectPlace(NamedTuple):
    """Where a blob or tree lies."""

    object_type: Literal["blob", "tree"]
    id: str
    pack: str | None
    """None when the index does not know it."""


class DiffOptions(Stoppable, total=False):
    """What counts as a difference."""

    metadata: bool
    """Changes of metadata alone, too."""
    on_change: Callable[[DiffChange], None]
    """Told of each change in the order of paths, in the calling thread."""
    on_error: Callable[[EngineError], None]
    """Told of what cannot be read and is not compared. Without it the first one is raised."""


class DiffChange(NamedTuple):
    """One changed path; folders end in a slash."""

    path: str
    raw_path: bytes
    modifier: str
    """`+` added, `-` removed, `M` contents, `T` type, `U` metadata, `?` contents equal though their blobs differ."""


class DiffSide(NamedTuple):
    """What was added or removed; blobs that both have are not counted. Bytes are plain."""

    files: int
    dirs: int
    others: int
    data_blobs: int
    tree_blobs: int
    bytes: int


class DiffStatistics(NamedTuple):
    """What differs between two snapshots."""

    source_snapshot: str
    target_snapshot: str
    changed_files: int
    added: DiffSide
    removed: DiffSide


class StatsOptions(SnapshotSelection, total=False):
    """What is counted."""

    snapshots: Sequence[str]
    """Only these (`latest`, prefixes of ids); by default all that fit."""
    mode: Literal["restore-size", "files-by-contents", "blobs-per-file", "raw-data"]
    """`restore-size` by default."""
    progress: Callable[[StatsProgress], None]
    """Called at most 10 times a second, in the calling thread. What it raises ends the counting and is raised."""


class StatsProgress(NamedTuple):
    """How far counting is. Sizes are bytes."""

    snapshots: int
    """The last one is being counted; 0 before the first."""
    total_snapshots: int
    files: int
    """Of the snapshot that is being counted; so are blobs and bytes."""
    blobs: int
    bytes: int
    seconds: float


class Stats(NamedTuple):
    """Counters; what the mode does not count is 0. Sizes are bytes."""

    total_size: int
    total_uncompressed_size: int
    """`raw-data` only."""
    compression_ratio: float
    compression_progress: float
    """Percent of blobs that are compressed."""
    compression_space_saving: float
    """Percent."""
    total_file_count: int
    total_blob_count: int
    snapshots_count: int


class ListedFile(NamedTuple):
    """A file of the repository."""

    id: str
    size: int


class BlobInfo(NamedTuple):
    """A blob as the index knows it."""

    type: Literal["data", "tree"]
    id: str
    pack: str
    offset: int
    length: int
    """Stored, envelope included."""
    uncompressed_length: int | None
    """None when stored raw."""
