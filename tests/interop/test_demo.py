"""The demo is the first thing that people see, so it has to work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from demo.records import record, whole_records

ROOT = Path(__file__).parents[2]
PATIENCE = 240


def test_the_demo_plays_to_its_end() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    played = subprocess.run(
        [sys.executable, "-m", "demo"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "every checksum right" in played.stdout
    assert "refused with exit code" in played.stdout


def test_a_damaged_record_is_noticed() -> None:
    text = "".join(record(number) for number in range(3))
    assert whole_records(text) == 3
    assert whole_records(text[:-5]) == 2, "the last one may be torn"
    with pytest.raises(ValueError, match="record 1 is damaged"):
        whole_records(text.replace(record(1), record(2)))
