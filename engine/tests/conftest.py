"""What tests with real programs share."""

from typing import TYPE_CHECKING

import pytest
from engine.tests.support import odd_tree
from engine.tests.support.tools import new_repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> "Path":
    """The odd tree, in a folder of its own; nobody changes it."""
    return odd_tree.build(tmp_path_factory.mktemp("odd") / "tree")


@pytest.fixture
def place(tmp_path: "Path") -> "Path":
    """An empty repository."""
    new_repository(tmp_path / "repository")
    return tmp_path / "repository"
