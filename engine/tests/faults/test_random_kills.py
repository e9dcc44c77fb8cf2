"""Kills after other mishaps, the same in every run."""

import random
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.faults import KILLED, Scene, assert_sound_and_alive

if TYPE_CHECKING:
    from pathlib import Path

MISHAPS = [
    "any:{}:fail",
    "any:{}:fail-after",
    "write:{}:fail-after",
    "read/index:{}:short",
    "write/lock:{}:fail",
]
ENDS = [
    "any:{}:kill-before",
    "any:{}:kill-after",
    "write:{}:kill-during",
    "write/pack:{}:kill-after",
    "write/pack:{}:kill-during",
    "write/index:{}:kill-after",
]
LAST = 12
"""Of the operations that are hit; there are more in each backup, but not of each kind."""


def plan(seed: int) -> str:
    """Two mishaps, then the end."""
    choose = random.Random(seed)  # noqa: S311 - not for secrets
    mishaps = [rule.format(choose.randint(1, LAST)) for rule in choose.sample(MISHAPS, 2)]
    return ",".join([*mishaps, choose.choice(ENDS).format(choose.randint(1, LAST))])


@pytest.mark.parametrize("seeds", [range(start, start + 10) for start in range(0, 50, 10)], ids=str)
def test_killed_after_mishaps(template: Scene, tmp_path: "Path", seeds: range) -> None:
    codes = []
    for seed in seeds:
        scene = template.copied(tmp_path / f"{seed}")
        codes.append(scene.backup(plan(seed), code=None).code)
        assert_sound_and_alive(scene, tmp_path / f"out {seed}")
    assert set(codes) <= {0, KILLED}
    assert KILLED in codes
