"""How a restore is reported: restic's lines for people, its JSON for programs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from holdfast.cli.repo.screen import VERY_VERBOSE, Screen
from holdfast.cli.repo.wording import counted, percent, size, span

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import RestoreError, RestoreItem, RestoreOptions, RestoreProgress, RestoreSummary


class Report:
    """Of one restore."""

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings = settings
        self._target = target
        self._screen = Screen(settings)
        self._restored: float | None = None
        """When everything was, and verification began."""
        self.say = self._screen.say

    def callbacks(self) -> RestoreOptions:
        """What the engine is to call."""
        wanted: RestoreOptions = {
            "on_error": self._error,
            "on_warning": self._warning,
            "on_restored": self._verifying,
        }
        if self._screen.every is not None:
            wanted["progress"] = self._progress
        if self._settings.verbose >= VERY_VERBOSE:
            wanted["on_item"] = self._item
        return wanted

    def end(self, summary: RestoreSummary) -> None:
        """What came of it."""
        self._screen.clear()
        if self._restored is None:
            self._summary(summary)
        elif not summary.errors:
            took = f"(took {time.monotonic() - self._restored:.3f}s)"
            self.say(f"finished verifying {summary.files_verified} files in {self._target} {took}")

    def _summary(self, summary: RestoreSummary) -> None:
        if self._settings.json:
            self._screen.event(_summary_document(summary))
        else:
            self._screen.say(_summary_line(summary))

    def _verifying(self, summary: RestoreSummary) -> None:
        self._screen.clear()
        self._summary(summary)
        self._restored = time.monotonic()
        self.say(f"verifying files in {self._target}")

    def _progress(self, progress: RestoreProgress) -> None:
        if self._restored is None:
            self._screen.status(lambda: [_status_line(progress)], lambda: _status_document(progress))
        elif not self._settings.json:
            seconds = time.monotonic() - self._restored
            self._screen.status(lambda: [_verified_line(progress, seconds)])

    def _error(self, error: RestoreError) -> None:
        if self._settings.json:
            message = {"message": error.message}
            self._screen.failure(
                {"message_type": "error", "error": message, "during": "restore", "item": error.path}
            )
        else:
            self._screen.warn(f"ignoring error for {error.path}: {error.message}")

    def _warning(self, text: str) -> None:
        self._screen.warn(f"Warning: {text}")

    def _item(self, item: RestoreItem) -> None:
        if self._settings.json:
            said = {"action": item.action, "item": item.path, "size": item.size}
            self._screen.document({"message_type": "verbose_status", **said})
        else:
            self._screen.very_verbose(_item_line(item))


def _item_line(item: RestoreItem) -> str:
    sized = item.action != "deleted" and item.type in {"file", None}
    return f"{item.action:9} {item.path}" + (f" with size {size(item.size)}" if sized else "")


def _summary_line(s: RestoreSummary) -> str:
    whole = s.files_restored == s.total_files and s.bytes_restored == s.total_bytes
    files = f"{s.total_files}" if whole else f"{s.files_restored} / {s.total_files}"
    sizes = size(s.total_bytes) if whole else f"{size(s.bytes_restored)} / {size(s.total_bytes)}"
    more = _more(s.files_skipped, s.bytes_skipped, s.files_deleted)
    return f"Summary: Restored {files} files/dirs ({sizes}) in {span(s.total_duration)}{more}"


def _status_line(p: RestoreProgress) -> str:
    share = percent(p.bytes_done, p.total_bytes)
    done = f"{p.files_done} files/dirs {size(p.bytes_done)}"
    total = f"{p.total_files} files/dirs {size(p.total_bytes)}"
    return f"[{span(p.seconds)}] {share}  {done}, total {total}" + _more(
        p.files_skipped, p.bytes_skipped, p.files_deleted
    )


def _verified_line(p: RestoreProgress, seconds: float) -> str:
    share = percent(p.files_verified, p.files_to_verify)
    return f"[{span(seconds)}] {share}  {p.files_verified} / {p.files_to_verify} files verified"


def _more(skipped: int, skipped_bytes: int, deleted: int) -> str:
    return (f", skipped {skipped} files/dirs {size(skipped_bytes)}" if skipped else "") + (
        f", deleted {deleted} files/dirs" if deleted else ""
    )


def _status_document(p: RestoreProgress) -> dict[str, object]:
    return {
        "message_type": "status",
        "percent_done": p.bytes_done / p.total_bytes if p.total_bytes else 0,
        **counted(
            {
                "seconds_elapsed": int(p.seconds),
                "total_files": p.total_files,
                "files_restored": p.files_done,
                "files_skipped": p.files_skipped,
                "files_deleted": p.files_deleted,
                "total_bytes": p.total_bytes,
                "bytes_restored": p.bytes_done,
                "bytes_skipped": p.bytes_skipped,
            }
        ),
    }


def _summary_document(s: RestoreSummary) -> dict[str, object]:
    return {
        "message_type": "summary",
        **counted(
            {
                "seconds_elapsed": int(s.total_duration),
                "total_files": s.total_files,
                "files_restored": s.files_restored,
                "files_skipped": s.files_skipped,
                "files_deleted": s.files_deleted,
                "total_bytes": s.total_bytes,
                "bytes_restored": s.bytes_restored,
                "bytes_skipped": s.bytes_skipped,
            }
        ),
    }
