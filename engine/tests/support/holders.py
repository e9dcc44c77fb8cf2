"""Who holds a lock."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.tools import HOLDFAST, Tool, environment, restic
from engine.tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


UNHURRIED = ("--read-data", "--limit-download", "1000")
"""A check by restic that takes long enough to be stopped in the middle."""


def names(place: Path) -> set[str]:
    """Of the locks that are there; not of those that are being written."""
    return {path.name for path in (place / "locks").iterdir() if "-tmp-" not in path.name}


@contextmanager
def held_shared(tool: Tool, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A backup of standard input that waits for its end; the lock is there."""
    before = names(place)
    words = tool.words(place, "backup", "--stdin")
    with subprocess.Popen(words, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            eventually(lambda: names(place) - before)
            yield process
        finally:
            process.communicate(b"content\n", timeout=60)


@contextmanager
def held_alone(tool: Tool, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A check that was stopped in the middle; the lock is there."""
    before = names(place)
    go = place.parent / "go"
    faults = {"HOLDFAST_FAULTS": "list/pack:1+:stall", "HOLDFAST_FAULTS_GO": str(go)}
    words = tool.words(place, "check", *(() if tool is HOLDFAST else UNHURRIED))
    with subprocess.Popen(words, env=environment(faults), stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: names(place) - before)
            if tool is not HOLDFAST:
                process.send_signal(signal.SIGSTOP)
            yield process
        finally:
            go.touch()
            process.send_signal(signal.SIGCONT)
            process.wait(timeout=60)


TOOLS = [pytest.param(HOLDFAST, id="ours"), pytest.param(restic(), id="theirs")]
