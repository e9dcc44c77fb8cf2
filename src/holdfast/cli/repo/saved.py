"""How a backup is reported: restic's lines for people, its JSON for programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from holdfast.cli.repo.failing import INCOMPLETE, FatalError
from holdfast.cli.repo.screen import VERY_VERBOSE, Screen
from holdfast.cli.repo.wording import counted, percent, quoted, rfc3339, size, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import BackupItem, BackupProgress, BackupSummary, SourceError, StoringOptions

COUNTS = (
    "files_new",
    "files_changed",
    "files_unmodified",
    "dirs_new",
    "dirs_changed",
    "dirs_unmodified",
    "data_blobs",
    "tree_blobs",
    "data_added",
    "data_added_packed",
    "total_files_processed",
    "total_bytes_processed",
)
PARTIAL = "Warning: at least one source file could not be read"


class Report:
    """Of one backup."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._screen = Screen(settings)
        self._scanned = False
        self._targets = ""

    def callbacks(self) -> StoringOptions:
        """What the engine is to call."""
        wanted: StoringOptions = {"on_error": self._error}
        if self._screen.every is not None or self._settings.verbose:
            wanted["progress"] = self._progress
        if self._settings.verbose >= VERY_VERBOSE:
            wanted["on_item"] = self._item
        return wanted

    def found(self, paths: Sequence[bytes]) -> list[bytes]:
        """Those that are there; the others are told of."""
        there = []
        for path in paths:
            if os.path.lexists(path):
                there.append(path)
            else:
                self._screen.warn(f"{os.fsdecode(path)} does not exist, skipping")
        if not there:
            raise FatalError("all source directories/files do not exist")
        self._targets = " ".join(map(os.fsdecode, there))
        return there

    def opening(self) -> None:
        """The repository is about to be opened."""
        self._screen.verbose("open repository")

    def parent(self, snapshot: str | None) -> None:
        """What it is compared with."""
        if snapshot:
            self._screen.say(f"using parent snapshot {snapshot[:8]}")
        else:
            self._screen.say("no parent snapshot found, will read all files")
        self._screen.verbose("load index files")
        self._screen.verbose(f"start scan on [{self._targets}]")
        self._screen.verbose(f"start backup on [{self._targets}]")

    def incomplete(self) -> None:
        """Sources are missing in the snapshot."""
        if self._settings.json:
            self._screen.failure({"message_type": "exit_error", "code": INCOMPLETE, "message": PARTIAL})
        else:
            self._screen.warn(PARTIAL)

    def end(self, summary: BackupSummary) -> None:
        """What came of it."""
        self._screen.clear()
        if self._settings.json:
            self._screen.event(_summary_document(summary))
            return
        for line in _summary_lines(summary, blobs=bool(self._settings.verbose)):
            self._screen.say(line)

    def _progress(self, progress: BackupProgress) -> None:
        if progress.totals_final and not self._scanned:
            self._scanned = True
            self._scan_finished(progress)
        self._screen.status(lambda: _status_lines(progress), lambda: _status_document(progress))

    def _scan_finished(self, p: BackupProgress) -> None:
        counts = f"{p.total_files} files, {size(p.total_bytes)}"
        self._screen.verbose(f"scan finished in {p.seconds:.3f}s: {counts}")
        if self._settings.json and self._settings.verbose >= VERY_VERBOSE:
            totals = {"data_size": p.total_bytes, "total_files": p.total_files}
            self._screen.event(_verbose("scan_finished", "", p.seconds) | totals)

    def _error(self, error: SourceError) -> None:
        if self._settings.json:
            message = {"message": error.message}
            self._screen.failure(
                {"message_type": "error", "error": message, "during": error.during, "item": error.path}
            )
        else:
            self._screen.warn(f"error: {error.message}")

    def _item(self, item: BackupItem) -> None:
        if self._settings.json:
            self._screen.document(_item_document(item))
        else:
            self._screen.very_verbose(_item_line(item))


def _summary_lines(s: BackupSummary, *, blobs: bool) -> list[str]:
    verb = "Would add" if s.dry_run else "Added"
    added = [f"Data Blobs:  {s.data_blobs:5} new", f"Tree Blobs:  {s.tree_blobs:5} new"]
    end = f"snapshot {s.snapshot_id[:8]} saved" if s.snapshot_id else "skipped creating snapshot"
    return [
        "",
        f"Files:       {s.files_new:5} new, {s.files_changed:5} changed, {s.files_unmodified:5} unmodified",
        f"Dirs:        {s.dirs_new:5} new, {s.dirs_changed:5} changed, {s.dirs_unmodified:5} unmodified",
        *(added if blobs else []),
        f"{verb} to the repository: {size(s.data_added):5} ({size(s.data_added_packed):5} stored)",
        "",
        f"processed {s.total_files_processed} files, {size(s.total_bytes_processed)} in {span(s.total_duration)}",
        *([] if s.dry_run else [end]),
    ]


def _item_line(item: BackupItem) -> str:
    path = quoted(item.path)
    if item.action == "unchanged":
        return f"unchanged {path}"
    metadata = f", {size(item.metadata_size_in_repo)} metadata" if item.is_dir else ""
    return (
        f"{item.action:9} {path}, saved in {item.seconds:.3f}s"
        f" ({size(item.data_size)} added, {size(item.data_size_in_repo)} stored{metadata})"
    )


def _item_document(item: BackupItem) -> dict[str, object]:
    return _verbose(item.action, item.path, item.seconds) | {
        "data_size": item.data_size,
        "data_size_in_repo": item.data_size_in_repo,
        "metadata_size": item.metadata_size,
        "metadata_size_in_repo": item.metadata_size_in_repo,
    }


def _verbose(action: str, item: str, seconds: float) -> dict[str, object]:
    return {
        "message_type": "verbose_status",
        "action": action,
        "item": item,
        "duration": seconds,
        "data_size": 0,
        "data_size_in_repo": 0,
        "metadata_size": 0,
        "metadata_size_in_repo": 0,
        "total_files": 0,
    }


def _status_lines(p: BackupProgress) -> list[str]:
    share = f"{percent(p.bytes_done, p.total_bytes)}  " if p.bytes_done < p.total_bytes and _left(p) else ""
    eta = f" ETA {span(_left(p))}" if share else ""
    done = f"{p.files_done} files {size(p.bytes_done)}"
    total = f"{p.total_files} files {size(p.total_bytes)}"
    return [
        f"[{span(p.seconds)}] {share}{done}, total {total}, {p.errors} errors{eta}",
        *sorted(quoted(path) for path in p.current_files),
    ]


def _left(p: BackupProgress) -> int:
    """Seconds that are left, at the rate so far; 0 while nobody knows."""
    if not p.totals_final or not p.bytes_done:
        return 0
    return int((p.total_bytes - p.bytes_done) * p.seconds / p.bytes_done)


def _status_document(p: BackupProgress) -> dict[str, object]:
    return {
        "message_type": "status",
        "percent_done": p.bytes_done / p.total_bytes if p.total_bytes else 0,
        **counted(
            {
                "seconds_elapsed": int(p.seconds),
                "seconds_remaining": _left(p),
                "total_files": p.total_files,
                "files_done": p.files_done,
                "total_bytes": p.total_bytes,
                "bytes_done": p.bytes_done,
                "error_count": p.errors,
                "current_files": sorted(p.current_files),
            }
        ),
    }


def _summary_document(s: BackupSummary) -> dict[str, object]:
    return {
        "message_type": "summary",
        **{name: getattr(s, name) for name in COUNTS},
        "total_duration": s.total_duration,
        "backup_start": rfc3339(s.backup_start),
        "backup_end": rfc3339(s.backup_end),
        **({"snapshot_id": s.snapshot_id} if s.snapshot_id else {}),
        **({"dry_run": True} if s.dry_run else {}),
    }
