"""Options and results of `backup` and `backup_stream`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypedDict

from ._common import Stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Protocol

    from ._common import StrPath

    class Readable(Protocol):
        """A binary file object."""

        def read(self, size: int, /) -> bytes: ...

    Compression: TypeAlias = Literal["off", "fastest", "auto", "better", "max"]


class StoringOptions(Stoppable, total=False):
    """How what is saved is stored and described, whatever it comes from."""

    parent: str
    """The snapshot to compare with (`latest`, a prefix of an id). By default the newest that is not later than
    `time` and equal in `group_by`."""
    force: bool
    """No parent: everything is read again."""
    group_by: Sequence[Literal["host", "paths", "tags"]]
    """What a parent must have in common; `("host", "paths")` by default."""
    tags: Sequence[str]
    """Of the snapshot."""
    host: str
    """Of the snapshot; by default this machine."""
    time: datetime
    """Of the snapshot; by default now. Without a zone it is the machine's."""
    dry_run: bool
    """Stores nothing and takes no lock."""
    skip_if_unchanged: bool
    """Makes no snapshot when the tree equals the parent's."""
    compression: Compression
    """Of file contents in version 2; `auto` by default."""
    pack_size: int
    """Bytes at which a pack is closed, 4 MiB to 128 MiB; 16 MiB by default."""
    extra_verify: bool
    """Decrypts and compares every blob before upload; True by default."""
    read_concurrency: int
    """Files read at the same time; 0 (the default): as many as there are cores."""
    program_version: str
    """In the snapshot; `holdfast 0.1.0` by default."""
    progress: Callable[[BackupProgress], None]
    """Called at most 10 times a second, in the calling thread. What it raises ends the backup and is raised."""
    on_parent: Callable[[str | None], None]
    """Told of the snapshot to compare with, None without one, before anything is read; in the calling thread."""
    on_error: Callable[[SourceError], None]
    """Told of each source that could not be read, in the calling thread; it is left out and counted."""
    on_item: Callable[[BackupItem], None]
    """Told of each finished entry, in the calling thread. Costs time: for `-vv`."""


class BackupOptions(StoringOptions, total=False):
    """What is saved and how changes are told."""

    exclude: Sequence[StrPath]
    """restic's patterns."""
    iexclude: Sequence[StrPath]
    """The same, upper and lower case alike."""
    exclude_if_present: Sequence[str]
    """`name` or `name:header`: folders that hold such a file."""
    exclude_caches: bool
    """Folders with a `CACHEDIR.TAG`."""
    exclude_larger_than: int
    """Bytes."""
    one_file_system: bool
    """Stays on the file systems of the targets."""
    with_atime: bool
    """Saves times of last access."""
    ignore_inode: bool
    """A file with another inode (and ctime) may be unchanged."""
    ignore_ctime: bool
    """A file with another ctime may be unchanged."""


class Metadata(TypedDict, total=False):
    """Of an entry in a stream."""

    type: Literal["file", "dir", "symlink", "dev", "chardev", "fifo"]
    """`file` by default."""
    mode: int
    """Permissions, with setuid, setgid and sticky, as in `os.chmod`; 0o644 by default, 0o755 for folders."""
    mtime: datetime | float
    """Seconds since 1970 when a number; the time of the snapshot by default."""
    uid: int
    gid: int
    user: str
    group: str
    linktarget: StrPath
    """Of a symlink."""
    device: int
    """`st_rdev` of a device."""
    xattrs: Mapping[str, bytes]


if TYPE_CHECKING:
    Content: TypeAlias = bytes | Readable | Iterable[bytes] | None
    """Bytes, a file object, or chunks. Read when its turn comes, in the calling thread. `None`: empty, or no file."""
    StreamEntry: TypeAlias = tuple[StrPath, Metadata, Content]
    """`("/etc/motd", {"mode": 0o644}, b"hello")`; folders above it are made."""


class BackupProgress(NamedTuple):
    """How far a backup is. Totals grow until `totals_final`."""

    files_done: int
    bytes_done: int
    total_files: int
    total_dirs: int
    total_bytes: int
    totals_final: bool
    errors: int
    current_files: tuple[str, ...]
    seconds: float
    """Since it began."""


class SourceError(NamedTuple):
    """A source that could not be read."""

    path: str
    raw_path: bytes
    message: str
    during: Literal["archival", "scan"]


class BackupItem(NamedTuple):
    """A finished entry."""

    action: Literal["new", "unchanged", "modified"]
    path: str
    raw_path: bytes
    is_dir: bool
    seconds: float
    data_size: int
    data_size_in_repo: int
    metadata_size: int
    metadata_size_in_repo: int


class BackupSummary(NamedTuple):
    """What came of a backup. Sizes are bytes."""

    snapshot_id: str | None
    """None for a dry run, and when skipped as unchanged."""
    parent: str | None
    errors: int
    """Sources that could not be read: above 0 is restic's exit code 3."""
    dry_run: bool
    files_new: int
    files_changed: int
    files_unmodified: int
    dirs_new: int
    dirs_changed: int
    dirs_unmodified: int
    data_blobs: int
    tree_blobs: int
    data_added: int
    """Before compression."""
    data_added_packed: int
    """As stored."""
    total_files_processed: int
    total_bytes_processed: int
    backup_start: datetime
    backup_end: datetime
    total_duration: float
    """Seconds."""

    @property
    def exit_code(self) -> int:
        """restic's: 3 when sources are missing."""
        return 3 if self.errors else 0
