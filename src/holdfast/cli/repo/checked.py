"""A check from the command line, and how it is reported."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.wording import percent, span

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import (
        CheckLine,
        CheckOptions,
        CheckProblem,
        CheckProgress,
        CheckReport,
        SnapshotFilter,
    )

UNITS = {"index": "index files loaded", "snapshots": "snapshots", "data": "packs"}


class CheckFlags(TypedDict):
    """What `check` is told."""

    read_data: bool
    read_data_subset: str | None
    with_cache: bool
    check_unused: bool


def check(settings: Settings, ids: tuple[str, ...], flags: CheckFlags, selection: SnapshotFilter) -> None:
    """Prove what the flags say.

    Raises:
        FatalError: something is wrong with the repository, all of it said before.
    """
    if flags["read_data"] and flags["read_data_subset"]:
        raise FatalError("check flags --read-data and --read-data-subset cannot be used together")
    report = _Report(settings)
    options: CheckOptions = {**_options(ids, flags), **selection, **report.callbacks()}
    report.begin()
    with opened(settings if flags["with_cache"] else replace(settings, no_cache=True)) as repository:
        found = repository.check(**options)
    report.end(found)
    if found.num_errors:
        raise FatalError("repository contains errors")


def _options(ids: tuple[str, ...], flags: CheckFlags) -> CheckOptions:
    options: CheckOptions = {"read_data": flags["read_data"], "check_unused": flags["check_unused"]}
    if ids:
        options["snapshots"] = ids
    if flags["read_data_subset"]:
        options["read_data_subset"] = flags["read_data_subset"]
    return options


class _Report:
    """Says what is found when it is found."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._screen = Screen(settings)
        self._done: set[str] = set()

    def begin(self) -> None:
        if not self._settings.no_lock:
            self._screen.say("create exclusive lock for repository")

    def callbacks(self) -> CheckOptions:
        return {"progress": self._progress, "on_problem": self._problem, "on_line": self._line}

    def end(self, report: CheckReport) -> None:
        if self._settings.json:
            self._screen.event(_summary(report))
        elif not report.num_errors:
            self._screen.say("no errors were found")
        elif report.broken_packs:
            self._screen.warn(
                "\nThe repository contains damaged pack files. These commands take what is left out of them:\n\n"
                f"restic repair packs {' '.join(report.broken_packs)}\nrestic repair snapshots --forget\n"
            )

    def _progress(self, p: CheckProgress) -> None:
        if p.phase in self._done:
            return
        if p.done < p.total:
            self._screen.status(lambda: [_line(p)])
            return
        self._done.add(p.phase)
        say = self._screen.greet if p.phase == "index" else self._screen.say
        say(_line(p))

    def _problem(self, problem: CheckProblem) -> None:
        if problem.severity == "error":
            self._error(problem.message)
        elif problem.kind == "unreferenced-pack":
            self._screen.verbose(problem.message)
        elif not self._settings.json:
            self._screen.result(problem.message)

    def _line(self, line: CheckLine) -> None:
        if line.level == "error":
            self._error(f"\n{line.text}\n")
        elif line.level == "plain":
            self._screen.say(line.text)
        elif not self._settings.json:
            self._screen.result(line.text)

    def _error(self, message: str) -> None:
        if self._settings.json:
            self._screen.failure({"message_type": "error", "message": message})
        else:
            self._screen.warn(message)


def _line(p: CheckProgress) -> str:
    if not p.total:
        return f"[{span(p.seconds)}]          0 {UNITS[p.phase]}"
    return f"[{span(p.seconds)}] {percent(p.done, p.total)}  {p.done} / {p.total} {UNITS[p.phase]}"


def _summary(report: CheckReport) -> dict[str, object]:
    return {
        "message_type": "summary",
        "num_errors": report.num_errors,
        "broken_packs": [*report.broken_packs] or None,
        "suggest_repair_index": report.suggest_repair_index,
        "suggest_prune": report.suggest_prune,
    }
