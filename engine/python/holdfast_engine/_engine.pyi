"""The engine's face: what an open repository can do. Written in Rust, one file a verb (`engine/crates/python/src`).

Options are keywords; they and the results are described verb by verb: `_opening`, `_backup`, `_restore`, `_inspect`,
`_check`. Paths are `str`, `bytes` or `PathLike`; sizes are bytes, durations seconds. What may take long runs without
the GIL, on threads of its own, while the calling thread answers signals: what a signal's handler or a callback raises
(Ctrl-C: `KeyboardInterrupt`) stops the operation, waits until its lock is removed, and is raised.
Every operation takes the lock that restic takes for it, unless `no_lock`. All errors are `EngineError`s (`errors`).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Literal, Self, TypeAlias, Unpack, final

from ._backup import BackupOptions, BackupSummary, StoringOptions, StreamEntry
from ._check import CheckOptions, CheckReport
from ._common import Password, SnapshotFilter, SnapshotSelection, Stoppable, StrPath
from ._file import SnapshotFile
from ._inspect import (
    BlobInfo,
    DiffOptions,
    DiffStatistics,
    FindMatch,
    FindOptions,
    ListedFile,
    ObjectMatch,
    ObjectPlace,
    Stats,
    StatsOptions,
)
from ._opening import InitOptions, KeyInfo, KeyOptions, LockInfo, OpenOptions
from ._restore import RestoreOptions, RestoreSummary, Writable

FileKind: TypeAlias = Literal["pack", "index", "snapshot", "key", "lock"]
"""The kinds of files of a repository, each with its folder."""

__version__: str

def kernels() -> str:
    """Which forms of the kernels run on this machine, for people; forced by `HOLDFAST_KERNELS`."""

def cache_folder() -> str:
    """Where all caches are: `RESTIC_CACHE_DIR`, `$XDG_CACHE_HOME/restic` or `~/.cache/restic`."""

def caches(folder: StrPath | None = None, /) -> list[tuple[str, float, int]]:
    """`(name, seconds since 1970 when it was last used, bytes)` of each repository's cache."""

def remove_old_caches(age: int, folder: StrPath | None = None, /) -> list[str]:
    """Removes caches that were not used for so many seconds; gives their names."""

def store_options() -> list[tuple[str, str, str, str | None]]:
    """`(name, default, help, why it is refused)` of every `-o` option of restic."""

def read_patterns(data: bytes, /) -> list[bytes]:
    """Patterns of an `--exclude-file`: a line each; `#` comments are left out, `$NAME` is replaced."""

def read_sources(data: bytes, form: Literal["globs", "verbatim", "raw"], /) -> list[bytes]:
    """Paths of a `--files-from`, `--files-from-verbatim` or `--files-from-raw` list; globs are expanded.

    `RefusedError` for a wrong pattern, an empty name, a raw list without its last zero byte.
    """

def parse_size(text: str, /) -> int:
    """Bytes of `512`, `10M` as restic reads it; `RefusedError` when it is no size."""

@final
class Cancel:
    """A way to say stop, from any thread. Give it as `cancel=` to operations; once set, it stays set."""

    def __new__(cls) -> Self: ...
    def cancel(self) -> None:
        """Ends the operations that have it, with `StoppedError`."""

    @property
    def cancelled(self) -> bool: ...

@final
class Lock:
    """A lock that is held until `release` or the end of the `with`; refreshed by a thread of its own."""

    @property
    def exclusive(self) -> bool: ...
    def release(self) -> None:
        """Removes it, as soon as no operation shares it any more; fine when it is released."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

@final
class Snapshot:
    """A snapshot; immutable."""

    @property
    def id(self) -> str: ...
    @property
    def short_id(self) -> str:
        """The first 8 digits."""

    @property
    def time(self) -> datetime:
        """With the zone of the machine that made it; cut to microseconds."""

    @property
    def time_text(self) -> str:
        """RFC 3339 with all digits, as stored."""

    @property
    def parent(self) -> str | None: ...
    @property
    def tree(self) -> str: ...
    @property
    def paths(self) -> tuple[str, ...]: ...
    @property
    def hostname(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def uid(self) -> int: ...
    @property
    def gid(self) -> int: ...
    @property
    def excludes(self) -> tuple[str, ...]: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def original(self) -> str | None: ...
    @property
    def program_version(self) -> str:
        """Empty when not stored."""

    @property
    def summary(self) -> dict[str, int | str] | None:
        """Counters of the backup by restic's names, `backup_start` and `backup_end` as texts; None before 0.17."""

    @property
    def subfolder(self) -> str | None:
        """What stood behind the colon of the name (`latest:/srv`), if anything: for verbs this folder is the root."""

    def to_json(self) -> bytes:
        """As restic stores it."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Node:
    """A file, folder or anything else inside a snapshot; immutable. `str` may have surrogate escapes."""

    @property
    def name(self) -> str: ...
    @property
    def raw_name(self) -> bytes: ...
    @property
    def path(self) -> str:
        """Absolute in the snapshot."""

    @property
    def raw_path(self) -> bytes: ...
    @property
    def type(self) -> Literal["file", "dir", "symlink", "dev", "chardev", "fifo", "socket", "irregular"]: ...
    @property
    def mode(self) -> int:
        """As `os.stat` has it: type, setuid, setgid, sticky and permissions (`stat.filemode(node.mode)`)."""

    @property
    def go_mode(self) -> int:
        """As stored: Go's `fs.FileMode`, as in restic's JSON."""

    @property
    def permissions(self) -> str:
        """As restic (Go) shows it: `drwxr-xr-x`, `urwxr-xr-x` for setuid."""

    @property
    def mtime(self) -> datetime:
        """With the zone it was stored with; cut to microseconds and to years from 1."""

    @property
    def mtime_ns(self) -> int:
        """Since 1970."""

    @property
    def mtime_text(self) -> str:
        """RFC 3339 with all digits, as stored."""

    @property
    def atime_ns(self) -> int: ...
    @property
    def atime_text(self) -> str: ...
    @property
    def ctime_ns(self) -> int: ...
    @property
    def ctime_text(self) -> str: ...
    @property
    def uid(self) -> int: ...
    @property
    def gid(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def inode(self) -> int: ...
    @property
    def device_id(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def links(self) -> int: ...
    @property
    def linktarget(self) -> str:
        """Empty for what is no symlink."""

    @property
    def raw_linktarget(self) -> bytes: ...
    @property
    def device(self) -> int:
        """`st_rdev`."""

    @property
    def xattrs(self) -> dict[str, bytes]: ...
    @property
    def content(self) -> tuple[str, ...] | None:
        """Blobs of a file; None for anything else."""

    @property
    def subtree(self) -> str | None:
        """Tree of a folder."""

    @property
    def error(self) -> str:
        """Why it could not be read whole when it was saved."""

    def to_json(self) -> bytes:
        """As in its tree."""

@final
class FileReader:
    """Contents of one file by position; what `SnapshotFile` stands on."""

    @property
    def size(self) -> int: ...
    def read_at(self, offset: int, length: int, /) -> bytes:
        """Shorter only at the end."""

    def close(self) -> None:
        """Lets go of its buffers and its lock."""

@final
class Repository:
    """An open repository. Any thread may use it, several at once; a forked child may not (`ForkedError`)."""

    @classmethod
    def init(cls, location: StrPath, password: Password, /, **options: Unpack[InitOptions]) -> Repository:
        """Makes one at `/srv/repo`, `s3:https://host/bucket/prefix` or `rest:https://user:pass@host/`, and opens it.

        `RefusedError` when there is one.
        """

    @classmethod
    def open(cls, location: StrPath, password: Password, /, **options: Unpack[OpenOptions]) -> Repository:
        """Opens one: `NoRepositoryError`, `WrongPasswordError`."""

    @property
    def location(self) -> str:
        """For people; without secrets."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int:
        """1, or 2, which compresses."""

    @property
    def key_id(self) -> str:
        """The key that opened it."""

    @property
    def cache_folder(self) -> str | None:
        """Where index, snapshot and tree files are kept, if anywhere."""

    @property
    def closed(self) -> bool: ...
    def close(self) -> None:
        """Releases a lock that is held and forgets the keys; later operations are refused."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...
    def lock(self, *, exclusive: bool = False, cancel: Cancel = ...) -> Lock:
        """Takes a lock that this object's operations then share, so that each of them costs no look at the store.

        `LockedError` when another process is in the way, `RefusedError` when this object holds one already.
        """

    def locks(self, **options: Unpack[SnapshotSelection]) -> list[LockInfo]:
        """All locks, also of other processes (only `cancel` and `on_error` matter)."""

    def unlock(self, *, remove_all: bool = False, cancel: Cancel = ...) -> int:
        """Removes locks of processes that are gone, or all; gives how many."""

    def keys(self, **options: Unpack[Stoppable]) -> list[KeyInfo]:
        """All keys."""

    def add_key(self, password: Password, /, **options: Unpack[KeyOptions]) -> str:
        """Lets another password open the repository; gives the key's id."""

    def remove_key(self, key: str, /, **options: Unpack[Stoppable]) -> None:
        """Removes a key by a prefix of its id; the one in use is refused. Who knew the master key still knows it."""

    def change_password(self, password: Password, /, **options: Unpack[KeyOptions]) -> str:
        """Adds a key, proves that it opens, then removes the one in use; gives the new key's id."""

    def backup(self, targets: Iterable[StrPath], /, **options: Unpack[BackupOptions]) -> BackupSummary:
        """Saves files and folders. Sources that cannot be read are counted, not raised (see `on_error`).

        `RefusedError` when none of the targets is there.
        """

    def backup_stream(
        self, entries: Iterable[StreamEntry], paths: Sequence[str], /, **options: Unpack[StoringOptions]
    ) -> BackupSummary:
        """Saves what is not a file: entries in any order. `paths` is what the snapshot is said to hold.

        There is no parent, unless one is named.

        What the iterable or a file object raises ends the backup without a snapshot, and is raised.
        """

    def snapshots(self, **options: Unpack[SnapshotSelection]) -> list[Snapshot]:
        """Those that fit, oldest first."""

    def snapshot(self, name: str, /, **options: Unpack[SnapshotFilter]) -> Snapshot:
        """`latest` (of those that fit) or a prefix of an id; either may be followed by `:/a/folder`.

        `MissingError` when there is none, `RefusedError` when a prefix fits several.
        """

    def node(self, snapshot: str | Snapshot, path: StrPath, /) -> Node:
        """One entry: `MissingError` when it is not there."""

    def ls(
        self,
        snapshot: str | Snapshot,
        path: StrPath = "/",
        /,
        *,
        recursive: bool = True,
        cancel: Cancel = ...,
    ) -> Iterator[Node]:
        """What is below a folder, each folder before its entries, sorted by name. Holds a lock until its end."""

    def open_file(self, snapshot: str | Snapshot, path: StrPath, /) -> SnapshotFile:
        """A file as a binary file object with `seek`; holds a lock until closed."""

    def restore(
        self, snapshot: str | Snapshot, target: StrPath, /, **options: Unpack[RestoreOptions]
    ) -> RestoreSummary:
        """Puts a snapshot (or its subfolder) below a folder. What cannot be restored is counted (see `on_error`)."""

    def dump(
        self,
        snapshot: str | Snapshot,
        path: StrPath,
        target: StrPath | Writable,
        /,
        *,
        archive: Literal["tar", "zip"] = "tar",
        cancel: Cancel = ...,
    ) -> None:
        """A file's contents, or a folder as an archive, into a file of this machine or a binary file object."""

    def find(self, patterns: Iterable[StrPath], /, **options: Unpack[FindOptions]) -> Iterator[FindMatch]:
        """Entries whose name (or path, for patterns with a slash) fits any of restic's patterns."""

    def find_objects(
        self, kind: Literal["blob", "tree", "pack"], ids: Iterable[str], /, **options: Unpack[FindOptions]
    ) -> Iterator[ObjectMatch]:
        """Where snapshots use blobs, trees, or anything in packs; prefixes of ids do."""

    def places(
        self,
        kind: Literal["blob", "tree", "pack"],
        ids: Iterable[str],
        /,
        **options: Unpack[Stoppable],
    ) -> list[ObjectPlace]:
        """In which packs blobs and trees lie; for packs, everything in them."""

    def diff(
        self, source: str | Snapshot, target: str | Snapshot, /, **options: Unpack[DiffOptions]
    ) -> DiffStatistics:
        """What became of the first until the second."""

    def stats(self, **options: Unpack[StatsOptions]) -> Stats:
        """Sizes and counts."""

    def check(self, **options: Unpack[CheckOptions]) -> CheckReport:
        """Proves the repository. What is found is reported, not raised."""

    def list_files(self, kind: FileKind, /, **options: Unpack[Stoppable]) -> list[ListedFile]:
        """Files of a kind, in no order."""

    def blobs(self, **options: Unpack[Stoppable]) -> Iterator[BlobInfo]:
        """Every blob of the index."""

    def cat(
        self,
        kind: Literal["config", "index", "snapshot", "key", "lock", "pack", "blob", "tree"],
        name: str = "",
        /,
        **options: Unpack[Stoppable],
    ) -> bytes:
        """What is stored, decrypted: JSON, or the bytes of a blob; packs and keys as they lie.

        `name` is an id; of files also a prefix of one; for `tree` a snapshot's, as in `latest:/a/folder`.
        """

    def master_key(self) -> bytes:
        """JSON of the key of everything, as `restic cat masterkey` shows it. Whoever has it can read all."""
