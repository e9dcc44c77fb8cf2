"""`holdfast repo` and restic side by side: a repository of each, the same command lines for both."""

import os
import subprocess
from pathlib import Path

import pytest
from support.repositories import Ended, Program

from holdfast.cli.main import run
from holdfast_engine import Repository
from holdfast_sandbox.tools import peer

PASSWORD = "correct horse"  # noqa: S105 - of tests only


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's; the tests' own repository and folder."""
    for name in [name for name in os.environ if name.startswith(("RESTIC_", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RESTIC_REPOSITORY", str(tmp_path / "repository"))
    monkeypatch.setenv("RESTIC_PASSWORD", PASSWORD)
    monkeypatch.setenv("RESTIC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def holdfast(capsys: pytest.CaptureFixture[str]) -> Program:
    """`holdfast repo …`, in this process."""

    def program(*words: str) -> Ended:
        code = run(["repo", *words])
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return program


@pytest.fixture
def restic() -> Program:
    """The real one."""

    def program(*words: str) -> Ended:
        ended = subprocess.run(
            [peer("restic-0.19.1"), *words],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return program


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder of the user."""
    top = tmp_path / "documents"
    (top / "sub").mkdir(parents=True)
    (top / "notes.txt").write_text("hello\n")
    (top / "sub" / 'a "name"').write_text("x")
    (top / "link").symlink_to("notes.txt")
    return top


@pytest.fixture
def saved(tmp_path: Path, documents: Path) -> Path:
    """A repository with two snapshots of the folder."""
    place = tmp_path / "repository"
    with Repository.init(place, PASSWORD, scrypt=(2, 1, 1)) as repository:
        repository.backup([documents.name], tags=["nightly"])
        (documents / "notes.txt").write_text("hello again\n")
        repository.backup([documents.name], tags=["nightly"])
    return place
