"""`make bench-engine`: measures and writes the engine's part of docs/benchmarks.md. Run it on a quiet machine."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from engine.tests.support import servers
from engine.tests.support.distance import distant

from bench.engine import data
from bench.engine.contestants import contestants, initialised
from bench.engine.listing import listing
from bench.engine.rows import ROUNDS, Bench, Row
from bench.engine.table import page
from bench.pages import put

DELAY = 0.1
"""Seconds that a request to the far store takes longer."""


def main() -> None:
    """Measure, and put what came out into the page."""
    options = _options()
    part = 8 if options.quick else 1
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-", dir=options.directory))
    load = os.getloadavg()[0]
    try:
        bench = Bench(folder, initialised(folder), contestants(folder), options.rounds)
        rows = [row for name in options.only for row in GROUPS[name](bench, part)]
        text = page(rows, listing(folder), bench, load)
    finally:
        shutil.rmtree(folder)
    print(text)
    if not options.quick and set(options.only) == set(GROUPS):
        put("engine", text)


def _incompressible(bench: Bench, part: int) -> list[Row]:
    source = bench.folder / "incompressible"
    source.mkdir()
    data.incompressible(source, 2048 // part)
    rows = [
        bench.first("first backup of 2 GiB incompressible", "3", source),
        bench.restore("restore of it", "1.7", source),
        bench.check("check --read-data of it", "1.7"),
    ]
    shutil.rmtree(source)
    return rows


def _mixed(bench: Bench, part: int) -> list[Row]:
    source, single = bench.folder / "mixed", bench.folder / "single"
    source.mkdir()
    single.mkdir()
    data.mixed(source, 1000 // part)
    data.one_file(single, source, 400 // part)
    rows = [
        bench.first("first backup of a mixed tree, 1 GB, fastest level", "3", source, fastest=True),
        bench.first("first backup of a mixed tree, 1 GB", "2.2", source),
        bench.restore("restore of it", "1.7", source),
        bench.again("the same unchanged", "5", source),
        bench.first("first backup of one mixed file, 400 MB", "3", single),
        bench.restore("restore of it", "1.7", single),
    ]
    shutil.rmtree(source)
    shutil.rmtree(single)
    return rows


def _small(bench: Bench, part: int) -> list[Row]:
    source = bench.folder / "small"
    source.mkdir()
    data.small_files(source, 200_000 // part)
    rows = [
        bench.first("first backup of 200,000 small files", "2.5", source, bound=True),
        bench.restore("restore of it", "1.7", source),
        bench.again("the same unchanged", "5", source),
        bench.again("with 1 % changed", "4", source, changed=True),
    ]
    shutil.rmtree(source)
    return rows


def _far(bench: Bench, part: int) -> list[Row]:
    source = bench.folder / "far"
    source.mkdir()
    data.incompressible(source, 512 // part)
    with servers.rest(bench.folder) as store, distant(store.server.port, DELAY) as port:
        there = replace(bench, server=f"rest:http://127.0.0.1:{port}/")
        rows = [
            there.first("first backup of 512 MiB incompressible, store 100 ms away", "1", source),
            there.restore("restore of it", "1", source),
            there.check("check --read-data of it", "1"),
        ]
    shutil.rmtree(source)
    return rows


GROUPS = {"incompressible": _incompressible, "mixed": _mixed, "small": _small, "far": _far}
"""Rows of the same data, which is made when they come and removed after them; `part`: on one `part`-th of it."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--directory", default="/dev/shm", help="where data and repositories lie")  # noqa: S108
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each")
    parser.add_argument(
        "--quick", action="store_true", help="an eighth of the data, and the page stays as it is"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=GROUPS,
        default=list(GROUPS),
        help="these rows, and the page stays as it is",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
