"""A backup from the command line: of files, of standard input, or of what a command prints."""

from __future__ import annotations

import os
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from holdfast.cli.repo import sources
from holdfast.cli.repo.failing import INCOMPLETE, EndedError, FatalError
from holdfast.cli.repo.incoming import output_of, standard_input
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.passwords import is_told
from holdfast.cli.repo.saved import Report
from holdfast.cli.repo.selecting import grouped_by, tag_list
from holdfast.cli.repo.sources import SourceFlags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from holdfast.cli.repo.incoming import Readable
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import BackupOptions, BackupSummary, Repository, SourceError, StoringOptions
    from holdfast_engine._backup import StreamEntry

CHUNK = 1 << 20
"""Bytes of a stream that are asked for at a time."""


class BackupFlags(SourceFlags):
    """What `backup` is told."""

    dry_run: bool
    stdin: bool
    stdin_filename: str
    stdin_from_command: bool
    tags: tuple[str, ...]
    host: str | None
    time: str | None
    parent: str | None
    group_by: str
    force: bool
    skip_if_unchanged: bool
    ignore_inode: bool
    ignore_ctime: bool
    with_atime: bool
    read_concurrency: int | None
    no_scan: bool


def save(settings: Settings, flags: BackupFlags) -> None:
    """Save what the flags say, and report it.

    Raises:
        FatalError: flags that do not go together, or nothing to save.
        EndedError: sources are missing in the snapshot.
    """
    _check(flags)
    _check_password(settings, flags)
    report = Report(settings)
    stream = flags["stdin"] or flags["stdin_from_command"]
    given = [] if stream else sources.named(flags)
    found = [] if stream else report.found(given)
    report.opening()
    with opened(settings) as repository:
        options = _options(settings, flags, report)
        if stream:
            summary = _save_stream(repository, flags, options)
        else:
            options["on_parent"] = report.parent
            rules: BackupOptions = {**_files(flags), **options}
            summary = repository.backup(found, **rules)
    report.end(summary)
    if summary.errors or len(found) < len(given):
        report.incomplete()
        raise EndedError(INCOMPLETE)


def _check(flags: BackupFlags) -> None:
    listed = flags["files_from"] or flags["files_from_verbatim"] or flags["files_from_raw"]
    if flags["stdin_from_command"] and listed:
        raise FatalError("--stdin-from-command and --files-from cannot be used together")
    if flags["stdin"] and not flags["stdin_from_command"] and (flags["targets"] or listed):
        raise FatalError("--stdin was specified and files/dirs were listed as arguments")
    if flags["stdin_from_command"] and not flags["targets"]:
        raise FatalError("--stdin-from-command: no command was given; put it behind --")
    if not flags["stdin_filename"].strip("/"):
        raise FatalError("--stdin-filename: invalid filename specified; it is the name in the snapshot")


def _check_password(settings: Settings, flags: BackupFlags) -> None:
    listed = [*flags["files_from"], *flags["files_from_verbatim"], *flags["files_from_raw"]]
    reads = (flags["stdin"] and not flags["stdin_from_command"]) or sources.STDIN in listed
    if reads and not is_told(settings):
        raise FatalError(
            "cannot read both password and data from stdin; use --password-file or $RESTIC_PASSWORD"
        )


def _options(settings: Settings, flags: BackupFlags, report: Report) -> StoringOptions:
    said: StoringOptions = {
        "force": flags["force"],
        "group_by": grouped_by(flags["group_by"]),
        "tags": [tag for words in flags["tags"] for tag in tag_list(words)],
        "dry_run": flags["dry_run"],
        "skip_if_unchanged": flags["skip_if_unchanged"],
        "compression": settings.compression,
        "pack_size": settings.pack_size << 20,
        "extra_verify": not settings.no_extra_verify,
        "read_concurrency": flags["read_concurrency"] or settings.read_concurrency,
        **report.callbacks(),
    }
    if flags["parent"]:
        said["parent"] = flags["parent"]
    if host := settings.host if flags["host"] is None else flags["host"]:
        said["host"] = host
    if flags["time"]:
        said["time"] = _time(flags["time"])
    return said


def _files(flags: BackupFlags) -> BackupOptions:
    return {
        "with_atime": flags["with_atime"],
        "ignore_inode": flags["ignore_inode"],
        "ignore_ctime": flags["ignore_ctime"],
        **sources.left_out(flags),
    }


def _time(text: str) -> datetime:
    from datetime import datetime

    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").astimezone()
    except ValueError:
        raise FatalError(f'error in time option: "{text}" is not like 2012-11-01 22:08:41') from None


def _save_stream(repository: Repository, flags: BackupFlags, options: StoringOptions) -> BackupSummary:
    path = f"/{flags['stdin_filename'].lstrip('/')}"
    empty: list[SourceError] = []
    with output_of(flags["targets"]) if flags["stdin_from_command"] else standard_input() as stream:
        summary = repository.backup_stream(_entries(path, stream, empty.append), [path], **options)
    for error in empty:
        options["on_error"](error)
    return summary._replace(errors=summary.errors + len(empty))


def _entries(path: str, stream: Readable, miss: Callable[[SourceError], None]) -> Iterator[StreamEntry]:
    """The one file; as with restic there is none when nothing came, for then what should have come has failed."""
    from holdfast_engine import SourceError

    first = stream.read(CHUNK)
    if first:
        yield path, {"mode": 0o644}, chain([first], iter(partial(stream.read, CHUNK), b""))
    else:
        message = f"failed to save {path}: read {path[1:]}: no data read"
        miss(SourceError(path, os.fsencode(path), message, "archival"))
