"""What the benchmarks of SnapshotGroups measured, as parts of docs/benchmarks.md. Pure."""

from __future__ import annotations

import os
import statistics
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench import downtime, objects, scale
from bench.commands import RUNS
from bench.groups import EVERY, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.groups import Measured

Spread = tuple[float, float, float]


def groups(said: str, help_time: Spread, list_time: Spread, m: Measured) -> str:
    """A hundred groups."""
    kinds = "; ".join(f"{kind} {each:.2f}" for kind, each in m.calls_by_kind.items())
    rows = [
        ("snapshots seen", f"{m.snapshots}", ""),
        ("lateness of due snapshots, median / p99 / max", _seconds(m.lateness), "p99 2 s"),
        ("API calls a snapshot, without Events, Leases and watches", f"{m.calls_each:.2f}", "4"),
        (
            "calls a minute when nothing is due, without the Lease and watches",
            f"{m.idle_calls_a_minute:.0f}",
            "about 0",
        ),
        ("operator memory (RSS), now / peak", f"{m.memory:.0f} / {m.memory_peak:.0f} MB", "100 MB"),
        ("start of the process until all groups are reconciled", f"{m.restart:.2f} s", "3 s"),
        ("CPU of `holdfast --help`, min / median / max", _milliseconds(help_time), "150 ms"),
        ("CPU of `holdfast group list`, min / median / max", _milliseconds(list_time), "300 ms"),
    ]
    return f"""## SnapshotGroups

{_measured(said)}

{GROUPS} groups, one tier each (`every: {EVERY} seconds`, `keep: 1`), on {GROUPS} claims of the sandbox's driver;
the API server, the CSI stack and the operator share the machine. Lateness is from the second of a slot until a watch
sees the snapshot. CPU is user and system time of the whole process, {RUNS} runs. One run;
expect ±20 % on a shared machine.

{_table(rows)}

Calls a snapshot by kind: {kinds}.
"""


def saved(said: str, m: objects.Measured) -> str:
    """Objects into a bucket and back."""
    lines = "\n".join(_saved_row(m, task, who) for task, who in sorted(m.rows))
    return f"""## Objects of namespaces

{_measured(said)}

{m.items:,} objects in {objects.SPACES} namespaces, nine of ten ConfigMaps of 1.3 kB, saved into an S3
server and restored under other names, by the real Velero 1.18.2 (by default, and with
{" ".join(objects.BEST)}) and by `holdfast`, on one API server, which shares the machine.
Wall time of the whole command, backups median of {objects.ROUNDS} rounds in turn, restores once for
each setting of Velero. Memory is the peak of Velero's server without its plugins, and of
the whole command of Holdfast. Plain requests, {objects.SIDE_BY_SIDE} at a time, made
{m.created:,.0f} of these objects a second.

| work | time | objects/s | memory | Holdfast is faster |
| --- | ---: | ---: | ---: | ---: |
{lines}
"""


def _saved_row(m: objects.Measured, task: str, who: str) -> str:
    row = m.rows[task, who]
    own = m.rows[task, "holdfast"].median
    times = "" if who == "holdfast" else f"{row.median / own:.1f} times"
    cells = (
        f"{task} by {who}",
        f"{row.median:.1f} s",
        f"{m.items / row.median:,.0f}",
        f"{row.memory:.0f} MB",
    )
    return f"| {' | '.join((*cells, times))} |"


def large(said: str, m: scale.Measured) -> str:
    """A thousand groups."""
    rows = [
        ("snapshots in the cluster", f"{m.snapshots}", "10,000"),
        ("lateness of due snapshots, median / p99 / max", _seconds(m.lateness), "p99 2 s"),
        ("operator memory (RSS), now / peak", " / ".join(f"{mb:.0f}" for mb in m.memory) + " MB", "150 MB"),
        ("start of the process until all groups are reconciled", f"{m.restart:.2f} s", "5 s"),
        (f"`holdfast group list`, whole command, median of {scale.LISTINGS}", f"{m.listing:.2f} s", "0.5 s"),
    ]
    return f"""## A thousand SnapshotGroups

{_measured(said)}

{scale.GROUPS} groups (`every: {scale.EVERY // 60} minutes`, `keep: {scale.HISTORY}`) on as many claims, each with
{scale.HISTORY} ready snapshots that look like Gemini's. The groups are created within seconds of each other, and each
takes one more snapshot within the minute over which schedules are spread, while the CSI stack cuts them on the same
machine. One run.

{_table(rows)}
"""


def down(said: str, m: downtime.Downtimes) -> str:
    """An application during a restore."""
    rows = [
        ("`holdfast group restore --quiesce auto`", _range(m.holdfast)),
        ("the recipe with kubectl, typed by a script without a pause", _range(m.kubectl)),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"""## Downtime of an application during a restore

{_measured(said)}

A StatefulSet of one pod with a database on 64 MiB, from when it has no ready pod until it has one again; in turn,
{downtime.ROUNDS} rounds. Holdfast takes a snapshot of the present state in that time, checks that nobody uses the
claim, and keeps the old volume. The recipe (scale, wait, delete the claim, apply one from the snapshot, scale, wait)
does nothing of that, and a person needs time between its commands.

| | seconds, median (min-max) |
| --- | ---: |
{table}
"""


def _measured(said: str) -> str:
    return f"Measured by `make bench` on {datetime.now(UTC):%Y-%m-%d}. {said}, at the end {os.getloadavg()[0]:.1f}."


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = (f"| {name} | {value} | {budget} |" for name, value, budget in rows)
    return "\n".join(("| what | measured | budget |", "| --- | ---: | ---: |", *lines))


def _range(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} ({min(times):.2f}-{max(times):.2f})"


def _seconds(times: Spread) -> str:
    return " / ".join(f"{t:.2f} s" for t in times)


def _milliseconds(times: Spread) -> str:
    return " / ".join(f"{t:.0f}" for t in times) + " ms"
