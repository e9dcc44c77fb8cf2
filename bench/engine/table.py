"""The page of the engine's figures; every figure in it was measured in this run."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

from bench.pages import processor
from holdfast_engine import kernels

if TYPE_CHECKING:
    from bench.engine.rows import Bench, Row


def page(rows: list[Row], listing: float, bench: Bench, load: float) -> str:
    """Markdown."""
    names = [each.name for each in bench.contestants]
    heads = " | ".join(f"{name} s (min-max), MB" for name in names)
    lines = "\n".join(_line(row, names) for row in rows)
    versions = "; ".join(each.version for each in bench.contestants)
    return f"""## The engine

Measured by `make bench-engine` on {datetime.now(UTC):%Y-%m-%d}: {processor()}, Linux {platform.release()}, Python
{platform.python_version()}; {versions}; kernels {kernels()}. Wall time of the whole command, median of
{bench.rounds} runs in turn; data and repositories on {bench.folder.parent}, key made by `restic init`, extra
verification and locks on. MB is the peak resident size of the process.
Load average at the start {load:.1f}, at the end {os.getloadavg()[0]:.1f}.

| work | {heads} | times restic | wanted |{" times rustic |" if "rustic" in names else ""}
| --- |{" ---: |" * (len(names) + 2 + ("rustic" in names))}
{lines}

A live process that has the repository open and locked lists 1,000 snapshots in {listing * 1000:.0f} ms (wanted: 50).
"""


def _line(row: Row, names: list[str]) -> str:
    cells = [_cell(row, name) for name in names]
    cells += [f"{row.ratio('restic'):.2f}", row.target]
    if "rustic" in names:
        cells.append(f"{row.ratio('rustic'):.2f}")
    return f"| {row.work}{_size(row)}{_bound(row)} | {' | '.join(cells)} |"


def _cell(row: Row, name: str) -> str:
    least, most = row.spread(name)
    return f"{row.seconds(name):.2f} ({least:.2f}-{most:.2f}), {row.peak(name):.0f}"


def _size(row: Row) -> str:
    if not row.sizes:
        return ""
    return f" (size {row.sizes['holdfast'] / row.sizes['restic']:.3f} of restic's)"


def _bound(row: Row) -> str:
    if not row.bounds:
        return ""
    seconds = median(run.seconds for run in row.bounds)
    times = row.seconds("restic") / seconds
    return f"; bound, by `--dry-run`, which reads, names and compresses alone: {seconds:.2f} s, {times:.2f} times"
