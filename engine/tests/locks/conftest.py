"""A repository to hold locks in."""

from typing import TYPE_CHECKING

import pytest
from engine.tests.support.faults import Scene, scene

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The scene that tests copy."""
    return scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def place(template: Scene, tmp_path: "Path") -> "Path":
    """A repository of the test's own with a snapshot."""
    return template.copied(tmp_path / "repository").place


@pytest.fixture
def folder(template: Scene) -> "Path":
    """What can be saved there."""
    return template.folder
