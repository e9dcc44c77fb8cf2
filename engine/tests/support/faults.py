"""The program under test on a store that fails as planned (`engine/crates/backend/src/fault/plan.rs`)."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.tests.support.comparing import differences
from engine.tests.support.odd_tree import content
from engine.tests.support.tools import HOLDFAST, Said, Tool, new_repository, opened, restic

if TYPE_CHECKING:
    from pathlib import Path

KILLED = -signal.SIGKILL
GENTLE = ("backup", "--pack-size", "4")
"""Packs as small as can be, so that there are several."""


@dataclass(frozen=True)
class Scene:
    """A repository with one snapshot of a folder that has changed since."""

    place: Path
    folder: Path

    def copied(self, to: Path) -> Scene:
        """The same repository once more."""
        shutil.copytree(self.place, to)
        return Scene(to, self.folder)

    def backup(
        self, plan: str = "", *, tool: Tool = HOLDFAST, code: int | None = 0, log: Path | None = None
    ) -> Said:
        """A backup while the store fails as planned."""
        env = {"HOLDFAST_FAULTS": plan, "HOLDFAST_FAULTS_LOG": str(log or "")}
        return tool.run(self.place, *GENTLE, self.folder.name, cwd=self.folder.parent, env=env, code=code)

    def operations(self, log: Path) -> list[str]:
        """What a backup does to the store, in its order: `write pack`."""
        self.backup(log=log)
        return [" ".join(line.split()[:2]).split("/")[0] for line in log.read_text().splitlines()]


def scene(top: Path) -> Scene:
    """Some packs are there, some are still to come."""
    made = Scene(top / "repository", top / "folder")
    new_repository(made.place)
    made.folder.mkdir()
    (made.folder / "old").write_bytes(content("old", 2_000_000))
    made.backup()
    for number in range(4):
        (made.folder / f"new {number}").write_bytes(content(f"new {number}", 2_500_000))
    for number in range(20):
        (made.folder / f"small {number}").write_bytes(content(f"small {number}", 3_000))
    return made


def assert_sound_and_alive(scene: Scene, out: Path) -> None:
    """restic finds nothing wrong with what is there, and the next backup succeeds and is restored."""
    restic().run(scene.place, "check", "--no-lock", "--read-data")
    scene.backup()
    with opened(scene.place) as repository:
        assert repository.restore("latest", out).errors == 0
    assert differences(scene.folder, out / scene.folder.name) == []
