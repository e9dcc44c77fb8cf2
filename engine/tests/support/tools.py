"""restic and `holdfast repo` as one kind of thing: real programs with the same command line.

Every repository of these tests has one password, and a key that costs nothing to derive (`new_repository`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from holdfast_engine import Repository
from holdfast_sandbox.tools import peer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from holdfast_engine import InitOptions

PASSWORD = "correct horse"  # noqa: S105 - of tests only
NEWEST = "0.19.1"
RESTICS = ("0.14.0", "0.18.0", NEWEST)
CHEAP = (2, 1, 1)
PATIENCE = 300.0
"""Seconds until a program that hangs fails its test."""


class Said(NamedTuple):
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Standard output as one JSON document a line."""
        return [json.loads(line) for line in self.out.split("\n") if line]

    @property
    def summary(self) -> dict[str, Any]:
        """The last document."""
        return self.documents[-1]


@dataclass(frozen=True)
class Tool:
    """A program that works on restic repositories."""

    name: str
    command: tuple[str, ...]
    flags: tuple[str, ...] = ("--no-cache",)

    def run(
        self,
        place: Path | str,
        *arguments: str | bytes | Path,
        code: int | None = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Said:
        """Run it on a repository and expect an exit code; None: any."""
        ended = subprocess.run(
            self.words(place, *arguments),
            check=False,
            cwd=cwd,
            env=environment(env),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
        )
        said = Said(ended.returncode, os.fsdecode(ended.stdout), os.fsdecode(ended.stderr))
        assert code in (None, said.code), (
            f"{self.name} {arguments} ended with {said.code}:\n{said.out}\n{said.err}"
        )
        return said

    def start(
        self, place: Path | str, *arguments: str | bytes | Path, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start it, for whoever ends it by a signal."""
        return subprocess.Popen(
            self.words(place, *arguments),
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def words(self, place: Path | str, *arguments: str | bytes | Path) -> list[str | bytes | Path]:
        """The command line."""
        return [*self.command, "-r", str(place), *self.flags, *arguments]

    def tree(self, place: Path | str) -> str:
        """The root tree of the newest snapshot."""
        [snapshot] = json.loads(self.run(place, "snapshots", "--json", "latest").out)
        return str(snapshot["tree"])


@cache
def restic(version: str = NEWEST) -> Tool:
    """restic, built from its pinned sources."""
    return Tool(f"restic-{version}", (str(peer(f"restic-{version}")),))


HOLDFAST = Tool("holdfast", (sys.executable, "-m", "holdfast", "repo"))
"""The command line under test."""


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without what the user of this machine set for restic or S3."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("RESTIC_", "AWS_"))}
    return mine | {"RESTIC_PASSWORD": PASSWORD, "RESTIC_PROGRESS_FPS": "0.01"} | dict(more or {})


def new_repository(place: Path | str, version: int = 2, **options: Any) -> Repository:  # noqa: ANN401
    """Makes a repository with a key that costs nothing to derive."""
    cheap: InitOptions = {"version": version, "scrypt": CHEAP, **options}  # type: ignore[typeddict-item]
    return Repository.init(str(place), PASSWORD, **cheap)


def opened(place: Path | str, *, no_lock: bool = False) -> Repository:
    """The engine in this process."""
    return Repository.open(str(place), PASSWORD, cache=False, no_lock=no_lock)
