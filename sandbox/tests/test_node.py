"""Where a node is possible, and what is said where it is not. What a node does is tested in `tests/cluster/node`."""

import os
from pathlib import Path

import pytest

from holdfast_sandbox import Incapable
from holdfast_sandbox.node import cgroups, probing


def test_without_root_there_is_no_node_and_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Incapable, match="it needs root"):
        probing.require()


def test_every_obstacle_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(cgroups, "ROOT", Path("/nowhere"))
    with pytest.raises(Incapable) as caught:
        probing.require()
    said = str(caught.value)
    assert "there is no apt-get" in said
    assert "apt-get install e2fsprogs" in said
    assert "control groups cannot be made" in said
