"""Servers that die in the midst of a command, and come back or not."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.comparing import differences
from engine.tests.support.odd_tree import content
from engine.tests.support.tools import HOLDFAST, restic
from engine.tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from engine.tests.support.servers import Store

SLOWLY_UP, SLOWLY_DOWN = ("--limit-upload", "4000"), ("--limit-download", "4000")
"""KiB a second: the commands take seconds, and packs come one after the other."""
SMALL_PACKS = ("--pack-size", "4")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Enough for several packs."""
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(6):
        (folder / str(number)).write_bytes(content(f"large {number}", 4_000_000))
    return folder


def packs(store: Store, place: str) -> list[Path]:
    """What the server has of them."""
    return [p for p in (store.files / place.rsplit("/", 1)[1] / "data").rglob("*") if p.is_file()]


def test_a_backup_goes_on_when_its_server_comes_back(
    store: Store, place: str, large: Path, tmp_path: Path
) -> None:
    words = ("backup", *SLOWLY_UP, *SMALL_PACKS, large)
    with HOLDFAST.start(place, *words, env=store.env) as process:
        eventually(lambda: packs(store, place))
        store.server.kill()
        store.server.start()
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    restic().run(place, "check", "--read-data", env=store.env)
    restic().run(place, "restore", "latest", "--target", tmp_path / "out", env=store.env)
    assert differences(large, (tmp_path / "out").joinpath(*large.parts[1:])) == []


def test_a_restore_goes_on_when_its_server_comes_back(
    store: Store, place: str, large: Path, tmp_path: Path
) -> None:
    HOLDFAST.run(place, "backup", *SMALL_PACKS, large, env=store.env)
    target = tmp_path / "out"
    with HOLDFAST.start(
        place, "restore", "latest", *SLOWLY_DOWN, "--target", target, env=store.env
    ) as process:
        eventually(lambda: any(target.rglob("?")))
        store.server.kill()
        store.server.start()
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert differences(large, target.joinpath(*large.parts[1:])) == []


def test_a_backup_that_is_given_up_without_its_server_leaves_what_goes_on(
    store: Store, place: str, large: Path
) -> None:
    with HOLDFAST.start(place, "backup", *SLOWLY_UP, *SMALL_PACKS, large, env=store.env) as process:
        eventually(lambda: packs(store, place))
        store.server.kill()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    store.server.start()
    assert process.returncode == 128 + signal.SIGINT
    restic().run(place, "unlock", env=store.env)
    restic().run(place, "check", env=store.env)
    HOLDFAST.run(place, "backup", large, env=store.env)
    restic().run(place, "check", "--read-data", env=store.env)
