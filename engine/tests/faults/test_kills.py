"""A backup is killed at every operation of the store: what is there stays sound, and the next backup succeeds."""

import itertools
from typing import TYPE_CHECKING

import pytest
from engine.tests.support.faults import KILLED, Scene, assert_sound_and_alive

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("rule", "least"), [("any:{}:kill-before", 15), ("write:{}:kill-during", 5), ("any:{}:kill-after", 15)]
)
def test_killed_at_any_operation(template: Scene, tmp_path: "Path", rule: str, least: int) -> None:
    for number in itertools.count(1):
        scene = template.copied(tmp_path / f"{number}")
        ended = scene.backup(rule.format(number), code=None)
        if ended.code == 0:
            break
        assert ended.code == KILLED
        assert_sound_and_alive(scene, tmp_path / f"out {number}")
    assert number > least
