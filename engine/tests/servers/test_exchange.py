"""Repositories behind servers: each tool goes on from the other, and respects its locks."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.comparing import differences
from engine.tests.support.exchange import second_state
from engine.tests.support.tools import HOLDFAST, RESTICS, Tool, environment, restic
from engine.tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from engine.tests.support.servers import Store

LOCKED = 11


@pytest.mark.parametrize("version", RESTICS)
@pytest.mark.parametrize("ours_first", [True, False])
def test_both_in_turn(
    store: Store, place: str, source: Path, tmp_path: Path, version: str, ours_first: bool
) -> None:
    tools = (HOLDFAST, restic(version)) if ours_first else (restic(version), HOLDFAST)
    for turn, tool in enumerate((*tools, *tools)):
        if turn == 2:
            second_state(source)
        said = tool.run(place, "backup", "--json", "source", cwd=tmp_path, env=store.env).summary
        assert bool(said["data_blobs"]) == (turn % 2 == 0)
    for tool in tools:
        out = tmp_path / tool.name
        tool.run(place, "check", "--read-data", env=store.env)
        tool.run(place, "restore", "latest", "--target", out, env=store.env)
        assert differences(source, out / "source") == []


@pytest.mark.parametrize("holder", [HOLDFAST, restic()], ids=["ours", "theirs"])
def test_locks_are_seen(store: Store, place: str, source: Path, holder: Tool) -> None:
    other = restic() if holder is HOLDFAST else HOLDFAST
    words, env = holder.words(place, "backup", "--stdin"), environment(store.env)
    with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: locks(store, place))
        other.run(place, "backup", source, env=store.env)
        said = other.run(place, "check", env=store.env, code=LOCKED)
        assert f"PID {process.pid}" in said.err
        process.communicate(b"content\n", timeout=60)
    assert process.returncode == 0
    assert locks(store, place) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_removes_the_lock(store: Store, place: str, number: signal.Signals) -> None:
    words, env = HOLDFAST.words(place, "backup", "--stdin"), environment(store.env)
    with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: locks(store, place))
        process.send_signal(number)
        assert process.wait(timeout=60) == 128 + number
    assert locks(store, place) == []


def test_what_is_no_repository(store: Store, place: str) -> None:
    for tool in (HOLDFAST, restic()):
        tool.run(store.place("nothing here"), "snapshots", env=store.env, code=10)
        tool.run(place, "snapshots", env={**store.env, "RESTIC_PASSWORD": "wrong"}, code=12)
        tool.run(place, "init", env=store.env, code=1)


def test_a_repository_is_made_with_its_bucket(store: Store, source: Path, tmp_path: Path) -> None:
    place = f"{store.base}-new/deep/er" if store.kind == "s3" else store.place("made")
    HOLDFAST.run(place, "init", env=store.env)
    HOLDFAST.run(place, "backup", "source", cwd=tmp_path, env=store.env)
    restic().run(place, "check", "--read-data", env=store.env)
    assert (source / "same").exists()


def locks(store: Store, place: str) -> list[str]:
    folder = store.files / place.rsplit("/", 1)[1] / "locks"
    return (
        [path.name for path in folder.rglob("*") if path.is_file() and len(path.name) == 64]
        if folder.exists()
        else []
    )
