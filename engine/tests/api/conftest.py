"""A small repository and a folder to save, each test its own."""

import random
from pathlib import Path

import pytest

from holdfast_engine import Repository

PASSWORD = "correct horse"  # noqa: S105 - of tests only
BIG = 6 << 20


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "repository"


@pytest.fixture
def repository(place: Path) -> Repository:
    return Repository.init(place, PASSWORD, scrypt=(2, 1, 1))


@pytest.fixture
def big() -> bytes:
    """Contents of several blobs."""
    return random.Random(1).randbytes(BIG)  # noqa: S311 - the same bytes in every run


@pytest.fixture
def folder(tmp_path: Path, big: bytes) -> Path:
    """Files of several kinds."""
    top = tmp_path / "source"
    (top / "sub").mkdir(parents=True)
    (top / "hello.txt").write_bytes(b"hello\n")
    (top / "empty").touch()
    (top / "sub" / "big").write_bytes(big)
    (top / "sub" / "link").symlink_to("../hello.txt")
    return top
