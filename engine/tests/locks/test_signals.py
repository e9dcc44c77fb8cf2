"""SIGINT and SIGTERM end any verb, without a lock left behind and with the code that shells expect."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.holders import names
from engine.tests.support.tools import HOLDFAST, environment, restic
from engine.tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
VERBS = {
    "backup": "write/pack:1+:stall",
    "restore": "read/pack:1+:stall",
    "check": "list/pack:1+:stall",
    "dump": "read/pack:1+:stall",
}


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("verb", VERBS)
def test_a_signal_ends_it_and_removes_the_lock(
    place: Path, folder: Path, tmp_path: Path, verb: str, number: signal.Signals
) -> None:
    log = tmp_path / "log"
    words: dict[str, list[str | Path]] = {
        "backup": [folder],
        "restore": ["latest", "--target", tmp_path / "out"],
        "check": [],
        "dump": ["latest", "/folder", "--target", tmp_path / "archive"],
    }
    faults = {"HOLDFAST_FAULTS": VERBS[verb], "HOLDFAST_FAULTS_LOG": str(log)}
    process = HOLDFAST.start(place, verb, *words[verb], env=faults)
    operation = VERBS[verb].split(":")[0].replace("/", " ")
    eventually(lambda: log.exists() and operation in log.read_text())
    assert len(names(place)) == 1
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == CODES[number], err
    assert b"Traceback" not in err
    assert names(place) == set()
    restic().run(place, "check", "--read-data")


@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_the_wait_for_standard_input(place: Path, number: signal.Signals) -> None:
    words = HOLDFAST.words(place, "backup", "--stdin")
    with subprocess.Popen(words, env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        eventually(lambda: names(place))
        process.send_signal(number)
        assert process.wait(timeout=60) == CODES[number]
    assert names(place) == set()


def test_a_command_whose_output_is_saved_ends_with_us(place: Path) -> None:
    words = HOLDFAST.words(
        place, "backup", "--stdin-from-command", "--", "sh", "-c", "echo $$; exec sleep 1000"
    )
    with subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE) as process:
        eventually(lambda: names(place))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == CODES[signal.SIGTERM]
    assert names(place) == set()


@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_the_wait_for_a_lock(place: Path, tmp_path: Path, number: signal.Signals) -> None:
    go = tmp_path / "go"
    stalled = {"HOLDFAST_FAULTS": "list/pack:1+:stall", "HOLDFAST_FAULTS_GO": str(go)}
    holder = HOLDFAST.start(place, "check", env=stalled)
    [held] = eventually(lambda: names(place))
    log = tmp_path / "log"
    waiting = HOLDFAST.start(place, "snapshots", "--retry-lock", "10m", env={"HOLDFAST_FAULTS_LOG": str(log)})
    eventually(lambda: log.exists() and "lock" in log.read_text())
    waiting.send_signal(number)
    waiting.communicate(timeout=60)
    assert waiting.returncode == CODES[number]
    assert names(place) == {held}
    go.touch()
    holder.communicate(timeout=60)
    assert holder.returncode == 0
