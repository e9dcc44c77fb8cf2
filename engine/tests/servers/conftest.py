"""A store of each kind for a module's tests."""

from typing import TYPE_CHECKING

import pytest
from engine.tests.support import servers
from engine.tests.support.exchange import first_state
from engine.tests.support.servers import Store
from engine.tests.support.tools import new_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module", params=servers.KINDS)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Store]":
    """S3, then REST."""
    with servers.KINDS[request.param](tmp_path_factory.mktemp("store") / "files") as running:
        yield running


@pytest.fixture
def credentials(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, too."""
    for name, value in store.env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def place(store: Store, tmp_path: "Path", credentials: None) -> str:  # noqa: ARG001
    """The location of an empty repository."""
    location = store.place(tmp_path.name)
    new_repository(location)
    return location


@pytest.fixture
def source(tmp_path: "Path") -> "Path":
    """A folder to save, by its name from the folder above."""
    first_state(tmp_path / "source")
    return tmp_path / "source"
