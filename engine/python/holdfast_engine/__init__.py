"""restic repositories: written, read and proven by a Rust core.

    from holdfast_engine import Repository

    with Repository.open("/srv/repo", "secret") as repository:
        summary = repository.backup(["/home"], exclude=["*.o"])
        for node in repository.ls("latest", "/home"):
            print(node.permissions, node.size, node.path)

`Repository` is described in `_engine.pyi`, options and results in the module of each verb (`_backup`, `_restore`, …),
what may be raised in `errors`. `AsyncRepository` has the same methods for asyncio. Everything is safe to use from
several threads. Repositories are restic's: restic reads what this writes, and the other way round.
"""

from typing import TYPE_CHECKING, Any

from . import errors
from ._backup import (
    BackupItem,
    BackupOptions,
    BackupProgress,
    BackupSummary,
    Metadata,
    SourceError,
    StoringOptions,
)
from ._check import CheckLine, CheckOptions, CheckProblem, CheckProgress, CheckReport
from ._common import SnapshotFilter, SnapshotSelection, Stoppable
from ._engine import (
    Cancel,
    Lock,
    Node,
    Repository,
    Snapshot,
    __version__,
    cache_folder,
    caches,
    kernels,
    parse_size,
    read_patterns,
    read_sources,
    remove_old_caches,
    store_options,
)
from ._file import SnapshotFile
from ._inspect import (
    BlobInfo,
    DiffChange,
    DiffOptions,
    DiffSide,
    DiffStatistics,
    FindMatch,
    FindOptions,
    ListedFile,
    ObjectMatch,
    ObjectPlace,
    Stats,
    StatsOptions,
    StatsProgress,
)
from ._opening import ConnectionOptions, InitOptions, KeyInfo, KeyOptions, LockInfo, OpenOptions
from ._restore import RestoreError, RestoreItem, RestoreOptions, RestoreProgress, RestoreSummary
from .errors import EngineError

if TYPE_CHECKING:
    from ._asyncio import AsyncRepository

__all__ = [
    "AsyncRepository",
    "BackupItem",
    "BackupOptions",
    "BackupProgress",
    "BackupSummary",
    "BlobInfo",
    "Cancel",
    "CheckLine",
    "CheckOptions",
    "CheckProblem",
    "CheckProgress",
    "CheckReport",
    "ConnectionOptions",
    "DiffChange",
    "DiffOptions",
    "DiffSide",
    "DiffStatistics",
    "EngineError",
    "FindMatch",
    "FindOptions",
    "InitOptions",
    "KeyInfo",
    "KeyOptions",
    "ListedFile",
    "Lock",
    "LockInfo",
    "Metadata",
    "Node",
    "ObjectMatch",
    "ObjectPlace",
    "OpenOptions",
    "Repository",
    "RestoreError",
    "RestoreItem",
    "RestoreOptions",
    "RestoreProgress",
    "RestoreSummary",
    "Snapshot",
    "SnapshotFile",
    "SnapshotFilter",
    "SnapshotSelection",
    "SourceError",
    "Stats",
    "StatsOptions",
    "StatsProgress",
    "Stoppable",
    "StoringOptions",
    "__version__",
    "cache_folder",
    "caches",
    "errors",
    "kernels",
    "parse_size",
    "read_patterns",
    "read_sources",
    "remove_old_caches",
    "store_options",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module has
    """`asyncio` costs more to import than all the rest: only for who asks for it."""
    if name == "AsyncRepository":
        from ._asyncio import AsyncRepository  # noqa: PLC0415

        return AsyncRepository
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
