"""`stats` as restic prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.wording import counted, percent, size, span

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import SnapshotFilter, Stats, StatsOptions, StatsProgress


Mode: TypeAlias = Literal["restore-size", "files-by-contents", "blobs-per-file", "raw-data"]


def count(settings: Settings, ids: tuple[str, ...], mode: Mode, selection: SnapshotFilter) -> None:
    """Count and print."""
    screen = Screen(settings)
    options: StatsOptions = {
        "mode": mode,
        "on_error": lambda error: screen.warn(f"Ignoring snapshot: {error}"),
    }
    if ids:
        options["snapshots"] = ids
    if screen.every is not None and not settings.json:
        options["progress"] = lambda progress: screen.status(lambda: [progress_line(progress)])
    chosen: StatsOptions = {**options, **selection}
    with opened(settings) as repository:
        screen.say("scanning...")
        stats = repository.stats(**chosen)
    screen.clear()
    if settings.json:
        screen.document(_document(stats))
        return
    for line in _lines(stats, mode):
        screen.result(line)


def progress_line(p: StatsProgress) -> str:
    """How far it is, as restic says it."""
    share = percent(max(p.snapshots - 1, 0), p.total_snapshots)
    parts = [
        f"[{span(p.seconds)}] {share}  {p.snapshots} / {p.total_snapshots} snapshots",
        *([f"{p.files} files"] if p.files else []),
        *([f"{p.blobs} blobs"] if p.blobs else []),
        size(p.bytes),
    ]
    return ", ".join(parts)


def _document(s: Stats) -> dict[str, object]:
    """Sizes and snapshots are there even when they are zero."""
    optional = counted(
        {
            "total_uncompressed_size": s.total_uncompressed_size,
            "compression_ratio": s.compression_ratio,
            "compression_progress": s.compression_progress,
            "compression_space_saving": s.compression_space_saving,
            "total_file_count": s.total_file_count,
            "total_blob_count": s.total_blob_count,
        }
    )
    return {"total_size": s.total_size, **optional, "snapshots_count": s.snapshots_count}


def _lines(s: Stats, mode: str) -> list[str]:
    rows = [
        ("Snapshots processed", f"{s.snapshots_count}", True),
        ("Total Blob Count", f"{s.total_blob_count}", s.total_blob_count),
        ("Total File Count", f"{s.total_file_count}", s.total_file_count),
        ("Total Uncompressed Size", f"{size(s.total_uncompressed_size):5}", s.total_uncompressed_size),
        ("Total Size", f"{size(s.total_size):5}", True),
        ("Compression Progress", f"{s.compression_progress:.2f}%", s.compression_progress),
        ("Compression Ratio", f"{s.compression_ratio:.2f}x", s.compression_ratio),
        ("Compression Space Saving", f"{s.compression_space_saving:.2f}%", s.compression_space_saving > 0),
    ]
    return [f"Stats in {mode} mode:", *(f"{name:>24}:  {text}" for name, text, shown in rows if shown)]
