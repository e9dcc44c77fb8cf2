"""`diff` as restic prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.wording import size

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import DiffChange, DiffSide, DiffStatistics


def compare(settings: Settings, ids: tuple[str, ...], *, metadata: bool) -> None:
    """Print each change, then the sums."""
    if len(ids) != 2:  # noqa: PLR2004
        raise FatalError("specify two snapshot IDs")
    screen = Screen(settings)

    def change(found: DiffChange) -> None:
        if settings.json:
            screen.document({"message_type": "change", "path": found.path, "modifier": found.modifier})
        elif not settings.quiet:
            screen.result(f"{found.modifier:5}{found.path}")

    with opened(settings) as repository:
        before, after = (repository.snapshot(name) for name in ids)
        screen.say(f"comparing snapshot {before.short_id} to {after.short_id}:\n")
        statistics = repository.diff(
            before,
            after,
            metadata=metadata,
            on_change=change,
            on_error=lambda error: screen.warn(f"error: {error}"),
        )
    if settings.json:
        screen.document(_document(statistics, ids))
        return
    for line in _lines(statistics):
        screen.result(line)


def _document(s: DiffStatistics, ids: tuple[str, ...]) -> dict[str, object]:
    return {
        "message_type": "statistics",
        "source_snapshot": ids[0],
        "target_snapshot": ids[1],
        "changed_files": s.changed_files,
        "added": _side(s.added),
        "removed": _side(s.removed),
    }


def _side(side: DiffSide) -> dict[str, int]:
    return {
        "files": side.files,
        "dirs": side.dirs,
        "others": side.others,
        "data_blobs": side.data_blobs,
        "tree_blobs": side.tree_blobs,
        "bytes": side.bytes,
    }


def _lines(s: DiffStatistics) -> list[str]:
    new, gone = s.added, s.removed
    return [
        "",
        f"Files:       {new.files:5} new, {gone.files:5} removed, {s.changed_files:5} changed",
        f"Dirs:        {new.dirs:5} new, {gone.dirs:5} removed",
        f"Others:      {new.others:5} new, {gone.others:5} removed",
        f"Data Blobs:  {new.data_blobs:5} new, {gone.data_blobs:5} removed",
        f"Tree Blobs:  {new.tree_blobs:5} new, {gone.tree_blobs:5} removed",
        f"  Added:   {size(new.bytes):5}",
        f"  Removed: {size(gone.bytes):5}",
    ]
