"""Stored bytes change: our check finds what restic's finds, and nothing wrong is restored as if it were right."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.comparing import differences
from engine.tests.support.tools import opened, restic

from holdfast_engine import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.tests.support.faults import Scene

KINDS = ("data pack", "tree pack", "index", "snapshot", "config", "key")


def flipped(place: float) -> Callable[[bytes], bytes]:
    """One bit of the byte at a place, 0 the first, 1 the last."""

    def flip(stored: bytes) -> bytes:
        number = round(place * (len(stored) - 1))
        return stored[:number] + bytes([stored[number] ^ 0x10]) + stored[number + 1 :]

    return flip


def flipped_from_end(distance: int) -> Callable[[bytes], bytes]:
    return lambda stored: (
        stored[:-distance] + bytes([stored[-distance] ^ 1]) + stored[len(stored) - distance + 1 :]
    )


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    **{f"a bit at {place:.0%}": flipped(place) for place in (0, 0.01, 0.2, 0.5, 0.9, 1)},
    **{f"a bit {distance} from the end": flipped_from_end(distance) for distance in (2, 4, 5, 20, 21, 40)},
    "a byte less": lambda stored: stored[:-1],
    "a byte more": lambda stored: stored + b"\0",
    "the first half": lambda stored: stored[: len(stored) // 2],
    "nothing left": lambda _: b"",
    "all zeros": lambda stored: bytes(len(stored)),
    "two halves swapped": lambda stored: stored[len(stored) // 2 :] + stored[: len(stored) // 2],
}


@dataclass(frozen=True)
class Found:
    """What there is to say of a damaged repository."""

    ours: bool
    theirs: bool
    restored_wrong: list[str]


@pytest.fixture(scope="module")
def sound(template: Scene) -> Scene:
    template.backup()
    return template


def stored(scene: Scene, kind: str) -> list[Path]:
    """Files of a kind."""
    if kind == "config":
        return [scene.place / "config"]
    if not kind.endswith("pack"):
        return sorted((scene.place / f"{kind}s".replace("indexs", "index")).iterdir())
    with opened(scene.place) as repository:
        names = {blob.pack for blob in repository.blobs() if kind.startswith(blob.type)}
    return [scene.place / "data" / name[:2] / name for name in sorted(names)]


def examined(scene: Scene, out: Path) -> Found:
    """Both checks, and a restore by us."""
    theirs = restic().run(scene.place, "check", "--no-lock", "--read-data", code=None)
    return Found(_we_complain(scene), theirs.code != 0, list(_restored_wrong(scene, out)))


def _we_complain(scene: Scene) -> bool:
    try:
        with opened(scene.place) as repository:
            return repository.check(read_data=True).num_errors > 0
    except EngineError:
        return True


def _restored_wrong(scene: Scene, out: Path) -> Iterator[str]:
    try:
        with opened(scene.place) as repository:
            snapshots = [snapshot for snapshot in repository.snapshots() if snapshot.parent]
            fine = snapshots and repository.restore(snapshots[0], out).errors == 0
    except EngineError:
        return
    if fine:
        yield from differences(scene.folder, out / scene.folder.name)


@pytest.mark.parametrize("kind", KINDS)
def test_changed_bytes_are_found_by_both(sound: Scene, tmp_path: Path, kind: str) -> None:
    for number, (name, damage) in enumerate(DAMAGES.items()):
        scene = sound.copied(tmp_path / f"{number}")
        path = stored(scene, kind)[-1]
        path.chmod(0o600)
        path.write_bytes(damage(path.read_bytes()))
        assert examined(scene, tmp_path / f"out {number}") == Found(
            ours=True, theirs=True, restored_wrong=[]
        ), name
        shutil.rmtree(scene.place)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_files_are_found_by_both(sound: Scene, tmp_path: Path, kind: str) -> None:
    scene = sound.copied(tmp_path / "repository")
    for path in stored(scene, kind)[: 1 if kind != "snapshot" else None]:
        path.unlink()
    found = examined(scene, tmp_path / "out")
    assert found.ours == found.theirs
    assert found.ours or kind == "snapshot"
    assert found.restored_wrong == []


@pytest.mark.parametrize("kind", ["data pack", "index", "snapshot"])
def test_files_under_each_others_names_are_found_by_both(sound: Scene, tmp_path: Path, kind: str) -> None:
    scene = sound.copied(tmp_path / "repository")
    one, other = stored(scene, kind)[:2]
    os.rename(one, tmp_path / "between")  # noqa: PTH104
    os.rename(other, one)  # noqa: PTH104
    os.rename(tmp_path / "between", other)  # noqa: PTH104
    assert examined(scene, tmp_path / "out") == Found(ours=True, theirs=True, restored_wrong=[])
