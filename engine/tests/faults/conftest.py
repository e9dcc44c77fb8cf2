"""A repository to fail on."""

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
def begun(template: Scene, tmp_path: "Path") -> Scene:
    """A scene of the test's own."""
    return template.copied(tmp_path / "repository")
