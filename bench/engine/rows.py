"""The rows of the table: each contestant in turn, several times, on the same data and the same file system."""

from __future__ import annotations

import filecmp
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.engine.data import change

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.engine.contestants import Contestant, Run

ROUNDS = 5


@dataclass
class Row:
    """What was measured of one piece of work."""

    work: str
    target: str
    runs: dict[str, list[Run]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    bounds: list[Run] = field(default_factory=list)
    """holdfast without storing: what the work cannot be faster than."""

    def seconds(self, name: str) -> float:
        return median(run.seconds for run in self.runs[name])

    def spread(self, name: str) -> tuple[float, float]:
        taken = [run.seconds for run in self.runs[name]]
        return min(taken), max(taken)

    def peak(self, name: str) -> float:
        return max(run.peak for run in self.runs[name])

    def ratio(self, against: str) -> float:
        """How many times faster holdfast is."""
        return self.seconds(against) / self.seconds("holdfast")


@dataclass(frozen=True)
class Bench:
    """Where it runs, and who."""

    folder: Path
    empty: Path
    contestants: tuple[Contestant, ...]
    rounds: int = ROUNDS
    server: str = ""
    """What serves `folder`, as the beginning of a location; nothing when it is used as it is."""

    def first(
        self, work: str, target: str, source: Path, *, fastest: bool = False, bound: bool = False
    ) -> Row:
        """Into an empty repository; `bound`: beside it, what reading, naming and compressing alone take."""
        row = Row(work, target)
        for _ in range(self.rounds):
            for each in self.contestants:
                repository = self._fresh(each, self.empty)
                if bound and each.name == "holdfast":
                    row.bounds.append(each.dry_run(self._place(each), source))
                row.runs.setdefault(each.name, []).append(
                    each.backup(self._place(each), source, fastest=fastest)
                )
                row.sizes[each.name] = _size(repository)
        return row

    def again(self, work: str, target: str, source: Path, *, changed: bool = False) -> Row:
        """Into the repository that has a snapshot of it already, once more each round."""
        row = Row(work, target)
        for _ in range(self.rounds):
            if changed:
                change(source)
            for each in self.contestants:
                run = each.backup(self._place(each), source)
                row.runs.setdefault(each.name, []).append(run)
        return row

    def restore(self, work: str, target: str, source: Path) -> Row:
        """The newest snapshot into an empty folder, compared with the source the last time."""
        row = Row(work, target)
        for turn in range(self.rounds):
            for each in self.contestants:
                place = self.folder / "restored"
                row.runs.setdefault(each.name, []).append(each.restore(self._place(each), place))
                if turn == self.rounds - 1:
                    _compare(source, place / source.relative_to("/"))
                shutil.rmtree(place)
        return row

    def check(self, work: str, target: str) -> Row:
        """Everything read and proven."""
        return self._each(work, target, lambda each: each.check(self._place(each)))

    def _each(self, work: str, target: str, run: Callable[[Contestant], Run]) -> Row:
        row = Row(work, target)
        for _ in range(self.rounds):
            for each in self.contestants:
                row.runs.setdefault(each.name, []).append(run(each))
        return row

    def _of(self, each: Contestant) -> Path:
        return self.folder / f"repository-{each.name}"

    def _place(self, each: Contestant) -> str:
        return f"{self.server}{self._of(each).name}" if self.server else str(self._of(each))

    def _fresh(self, each: Contestant, template: Path) -> Path:
        shutil.rmtree(self._of(each), ignore_errors=True)
        return Path(shutil.copytree(template, self._of(each)))


def _size(repository: Path) -> int:
    return sum(path.stat().st_size for path in repository.rglob("*") if path.is_file())


def _compare(source: Path, restored: Path) -> None:
    names = [str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()]
    _, different, missing = filecmp.cmpfiles(source, restored, names, shallow=False)
    if different or missing:
        raise ValueError(f"the restored tree differs from {source}: {(different + missing)[:5]}")
