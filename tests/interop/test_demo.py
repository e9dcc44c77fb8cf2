"""The demo is the first thing that people see, so it has to work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from demo import shop

from holdfast_sandbox.node import probing

ROOT = Path(__file__).parents[2]
PATIENCE = 420


@pytest.mark.skipif(bool(probing.obstacles()), reason="; ".join(probing.obstacles()))
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


def test_a_damaged_or_missing_order_is_noticed(tmp_path: Path) -> None:
    file = str(tmp_path / "orders.db")
    database = shop.opened(file)
    for _ in range(3):
        shop.take(database)
    assert shop.audit(file).count == 3

    database.execute("UPDATE orders SET checksum = 'other' WHERE number = 3")
    with pytest.raises(ValueError, match="order 3 is damaged"):
        shop.audit(file)
    database.execute("DELETE FROM orders WHERE number = 1")
    with pytest.raises(ValueError, match="order 1 is damaged or missing"):
        shop.audit(file)
