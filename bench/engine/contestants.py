"""The programs that are compared, each by the commands of its work. restic's key file opens in all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast_sandbox.tools import peer

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD = "bench"  # noqa: S105  (of repositories that live for seconds)


@dataclass(frozen=True)
class Run:
    """One command, to its end."""

    seconds: float
    peak: float
    """MB, resident, of the process."""


class FailedError(Exception):
    """A command that ended badly: its time means nothing."""


@dataclass(frozen=True)
class Contestant:
    """A program with the words it wants."""

    name: str
    command: tuple[str, ...]
    version: str
    environment: Mapping[str, str]

    def backup(self, repository: str, source: Path, *, fastest: bool = False) -> Run:
        level = self._fastest() if fastest else ()
        return self._run(repository, "backup", *level, str(source))

    def dry_run(self, repository: str, source: Path) -> Run:
        """Everything is read, named and compressed, and nothing stored."""
        return self._run(repository, "backup", "--dry-run", str(source))

    def restore(self, repository: str, target: Path) -> Run:
        if self.name == "rustic":
            return self._run(repository, "restore", "latest", str(target))
        return self._run(repository, "restore", "latest", "--target", str(target))

    def check(self, repository: str) -> Run:
        return self._run(repository, "check", "--read-data")

    def _fastest(self) -> tuple[str, ...]:
        return () if self.name == "rustic" else ("--compression", "fastest")

    def _run(self, repository: str, *arguments: str) -> Run:
        command = [*self.command, "--repo", repository, *arguments]
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise FailedError(f"{' '.join(command)}: exit code {process.returncode}\n{said.decode()}")
        return Run(seconds, usage.ru_maxrss / 1000)


def contestants(folder: Path) -> tuple[Contestant, ...]:
    """Those that are here; rustic only when it is in PATH."""
    holdfast = str(Path(sys.executable).with_name("holdfast"))
    restic = str(peer("restic-0.19.1"))
    found = [
        _contestant("restic", (restic,), "restic", folder),
        _contestant("holdfast", (holdfast, "repo"), "holdfast", folder),
    ]
    if rustic := shutil.which("rustic"):
        found.append(_contestant("rustic", (rustic,), "rustic", folder))
    return tuple(found)


def initialised(folder: Path) -> Path:
    """An empty repository with a key as `restic init` makes it."""
    repository = folder / "empty"
    subprocess.run(
        [peer("restic-0.19.1"), "init", "--repo", repository],
        env=_environment("restic", folder),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return repository


def _contestant(name: str, command: tuple[str, ...], kind: str, folder: Path) -> Contestant:
    words = [*command, "version"] if kind != "rustic" else [*command, "--version"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return Contestant(name, command, said.splitlines()[0], _environment(kind, folder))


def _environment(kind: str, folder: Path) -> dict[str, str]:
    prefix = "RUSTIC" if kind == "rustic" else "RESTIC"
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("RESTIC_", "RUSTIC_"))},
        f"{prefix}_PASSWORD": PASSWORD,
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
