"""A thousand snapshots listed by a live process that has the repository open."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from holdfast_engine import Repository

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOTS = 1000


def listing(folder: Path) -> float:
    """Median seconds of `snapshots()`, lock held, local."""
    small = folder / "one"
    small.mkdir()
    (small / "file").write_text("x")
    with Repository.init(folder / "listed", "bench", scrypt=(2, 1, 1)) as repository, repository.lock():
        for _ in range(SNAPSHOTS):
            repository.backup([small])
        return median(_once(repository) for _ in range(5))


def _once(repository: Repository) -> float:
    started = time.perf_counter()
    found = len(repository.snapshots())
    if found != SNAPSHOTS:
        raise ValueError(f"{found} snapshots are listed, {SNAPSHOTS} were made")
    return time.perf_counter() - started
