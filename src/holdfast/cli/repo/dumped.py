"""`dump`: to standard output or a file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import opened

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import Repository, Snapshot, SnapshotFilter


def dump(
    settings: Settings,
    args: tuple[str, ...],
    archive: Literal["tar", "zip"],
    target: str | None,
    selection: SnapshotFilter,
) -> None:
    """Write a file's contents or a folder's archive."""
    if len(args) != 2:  # noqa: PLR2004
        raise FatalError("no file and no snapshot ID specified")
    name, path = args
    with opened(settings) as repository:
        snapshot = repository.snapshot(name, **selection)
        if not target and sys.stdout.isatty() and _is_folder(path, repository, snapshot):
            raise FatalError("cannot dump file: stdout is the terminal, please redirect output")
        repository.dump(snapshot, path, target or sys.stdout.buffer, archive=archive)
    sys.stdout.buffer.flush()


def _is_folder(path: str, repository: Repository, snapshot: Snapshot) -> bool:
    return path == "/" or repository.node(snapshot, path).type == "dir"
