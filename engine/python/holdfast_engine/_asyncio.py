"""The same repository for asyncio. Cancelling a task stops its operation and waits until that has ended cleanly."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Self, TypeVar, Unpack

from ._engine import Cancel, Repository
from .errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    from ._backup import BackupOptions, BackupSummary, StoringOptions, StreamEntry
    from ._check import CheckOptions, CheckReport
    from ._common import Password, SnapshotFilter, SnapshotSelection, Stoppable, StrPath
    from ._engine import FileKind, Lock, Node, Snapshot
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

T = TypeVar("T")
P = ParamSpec("P")
BATCH = 256
"""Values of an iterator that one trip to its thread fetches."""


class AsyncRepository:
    """`Repository`, each method a coroutine or an asynchronous iterator. Callbacks are called in threads of its own.

    At most `threads` operations run at the same time (each uses all cores by itself); more wait for their turn.
    """

    def __init__(self, repository: Repository, *, threads: int = 8) -> None:
        self.repository = repository
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="holdfast-engine")

    @classmethod
    async def init(cls, location: StrPath, password: Password, /, **options: Unpack[InitOptions]) -> Self:
        """See `Repository.init`."""
        return cls(await _in_thread(None, Repository.init, location, password, **options))

    @classmethod
    async def open(cls, location: StrPath, password: Password, /, **options: Unpack[OpenOptions]) -> Self:
        """See `Repository.open`."""
        return cls(await _in_thread(None, Repository.open, location, password, **options))

    async def close(self) -> None:
        """See `Repository.close`."""
        await self._plain(self.repository.close)
        self._executor.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def location(self) -> str:
        return self.repository.location

    @property
    def id(self) -> str:
        return self.repository.id

    @property
    def version(self) -> int:
        return self.repository.version

    @property
    def key_id(self) -> str:
        return self.repository.key_id

    @property
    def cache_folder(self) -> str | None:
        return self.repository.cache_folder

    @property
    def closed(self) -> bool:
        return self.repository.closed

    async def lock(self, *, exclusive: bool = False) -> Lock:
        """See `Repository.lock`."""
        return await self._run(self.repository.lock, exclusive=exclusive)

    async def locks(self, **options: Unpack[SnapshotSelection]) -> list[LockInfo]:
        """See `Repository.locks`."""
        return await self._run(self.repository.locks, **options)

    async def unlock(self, *, remove_all: bool = False) -> int:
        """See `Repository.unlock`."""
        return await self._run(self.repository.unlock, remove_all=remove_all)

    async def keys(self, **options: Unpack[Stoppable]) -> list[KeyInfo]:
        """See `Repository.keys`."""
        return await self._run(self.repository.keys, **options)

    async def add_key(self, password: Password, /, **options: Unpack[KeyOptions]) -> str:
        """See `Repository.add_key`."""
        return await self._run(self.repository.add_key, password, **options)

    async def remove_key(self, key: str, /, **options: Unpack[Stoppable]) -> None:
        """See `Repository.remove_key`."""
        await self._run(self.repository.remove_key, key, **options)

    async def change_password(self, password: Password, /, **options: Unpack[KeyOptions]) -> str:
        """See `Repository.change_password`."""
        return await self._run(self.repository.change_password, password, **options)

    async def backup(self, targets: Iterable[StrPath], /, **options: Unpack[BackupOptions]) -> BackupSummary:
        """See `Repository.backup`."""
        return await self._run(self.repository.backup, targets, **options)

    async def backup_stream(
        self, entries: Iterable[StreamEntry], paths: Sequence[str], /, **options: Unpack[StoringOptions]
    ) -> BackupSummary:
        """See `Repository.backup_stream`; the iterable is read in a thread."""
        return await self._run(self.repository.backup_stream, entries, paths, **options)

    async def snapshots(self, **options: Unpack[SnapshotSelection]) -> list[Snapshot]:
        """See `Repository.snapshots`."""
        return await self._run(self.repository.snapshots, **options)

    async def snapshot(self, name: str, /, **options: Unpack[SnapshotFilter]) -> Snapshot:
        """See `Repository.snapshot`."""
        return await self._plain(self.repository.snapshot, name, **options)

    async def node(self, snapshot: str | Snapshot, path: StrPath, /) -> Node:
        """See `Repository.node`."""
        return await self._plain(self.repository.node, snapshot, path)

    def ls(
        self, snapshot: str | Snapshot, path: StrPath = "/", /, *, recursive: bool = True
    ) -> AsyncIterator[Node]:
        """See `Repository.ls`."""
        return self._iterate(self.repository.ls, snapshot, path, recursive=recursive)

    async def open_file(self, snapshot: str | Snapshot, path: StrPath, /) -> SnapshotFile:
        """See `Repository.open_file`; reads of the file object block, so use it in threads."""
        return await self._plain(self.repository.open_file, snapshot, path)

    async def restore(
        self, snapshot: str | Snapshot, target: StrPath, /, **options: Unpack[RestoreOptions]
    ) -> RestoreSummary:
        """See `Repository.restore`."""
        return await self._run(self.repository.restore, snapshot, target, **options)

    async def dump(
        self,
        snapshot: str | Snapshot,
        path: StrPath,
        target: StrPath | Writable,
        /,
        *,
        archive: Literal["tar", "zip"] = "tar",
    ) -> None:
        """See `Repository.dump`; a file object is written to in a thread."""
        await self._run(self.repository.dump, snapshot, path, target, archive=archive)

    def find(
        self, patterns: Iterable[StrPath], /, **options: Unpack[FindOptions]
    ) -> AsyncIterator[FindMatch]:
        """See `Repository.find`."""
        return self._iterate(self.repository.find, patterns, **options)

    def find_objects(
        self, kind: Literal["blob", "tree", "pack"], ids: Iterable[str], /, **options: Unpack[FindOptions]
    ) -> AsyncIterator[ObjectMatch]:
        """See `Repository.find_objects`."""
        return self._iterate(self.repository.find_objects, kind, ids, **options)

    async def places(
        self,
        kind: Literal["blob", "tree", "pack"],
        ids: Iterable[str],
        /,
        **options: Unpack[Stoppable],
    ) -> list[ObjectPlace]:
        """See `Repository.places`."""
        return await self._run(self.repository.places, kind, ids, **options)

    async def diff(
        self, source: str | Snapshot, target: str | Snapshot, /, **options: Unpack[DiffOptions]
    ) -> DiffStatistics:
        """See `Repository.diff`."""
        return await self._run(self.repository.diff, source, target, **options)

    async def stats(self, **options: Unpack[StatsOptions]) -> Stats:
        """See `Repository.stats`."""
        return await self._run(self.repository.stats, **options)

    async def check(self, **options: Unpack[CheckOptions]) -> CheckReport:
        """See `Repository.check`."""
        return await self._run(self.repository.check, **options)

    async def list_files(self, kind: FileKind, /, **options: Unpack[Stoppable]) -> list[ListedFile]:
        """See `Repository.list_files`."""
        return await self._run(self.repository.list_files, kind, **options)

    def blobs(self, **options: Unpack[Stoppable]) -> AsyncIterator[BlobInfo]:
        """See `Repository.blobs`."""
        return self._iterate(self.repository.blobs, **options)

    async def cat(
        self,
        kind: Literal["config", "index", "snapshot", "key", "lock", "pack", "blob", "tree"],
        name: str = "",
        /,
        **options: Unpack[Stoppable],
    ) -> bytes:
        """See `Repository.cat`."""
        return await self._run(self.repository.cat, kind, name, **options)

    async def master_key(self) -> bytes:
        """See `Repository.master_key`."""
        return await self._plain(self.repository.master_key)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _in_thread(self._executor, function, *args, **kwargs)

    async def _plain(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What is short and has no `cancel`."""
        return await _settled(self._executor, partial(function, *args, **kwargs))

    async def _iterate(
        self, function: Callable[P, Iterator[T]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[T]:
        iterator = await self._run(function, *args, **kwargs)
        while batch := await self._plain(_take, iterator):
            for value in batch:
                yield value


def _take(iterator: Iterator[T]) -> list[T]:
    return [value for _, value in zip(range(BATCH), iterator, strict=False)]


async def _in_thread(
    executor: ThreadPoolExecutor | None, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Runs an operation; when the task is cancelled, so is the operation, and its end is waited for."""
    cancel = kwargs.setdefault("cancel", Cancel())
    assert isinstance(cancel, Cancel)  # noqa: S101 - for the type checker
    return await _settled(executor, partial(function, *args, **kwargs), cancel)


async def _settled(
    executor: ThreadPoolExecutor | None, work: Callable[[], T], cancel: Cancel | None = None
) -> T:
    future = asyncio.get_running_loop().run_in_executor(executor, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        if cancel is not None:
            cancel.cancel()
        await _ended(future)
        raise


async def _ended(future: asyncio.Future[Any]) -> None:
    """Waits, whatever else is cancelled meanwhile, and drops what came of it."""
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue
    if not future.cancelled() and (error := future.exception()) and not isinstance(error, StoppedError):
        raise error
