"""Failures end with restic's codes and say what to do; signals leave no lock behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.repositories import Program

from holdfast_engine import Repository

WORDS = [sys.executable, "-m", "holdfast", "repo"]


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-r", "nowhere", "snapshots"], 10, "repository does not exist"),
        (["--insecure-no-password", "-p", "/dev/null", "snapshots"], 12, "wrong password or no key found"),
        (["backup", "documents", "missing"], 3, "at least one source file could not be read"),
        (["backup", "missing"], 1, "all source directories/files do not exist"),
        (["backup"], 1, "nothing to backup"),
        (["init"], 1, "config file already exists"),
        (["restore", "latest"], 1, "--target"),
        (["snapshots", "-p", "missing"], 1, "missing does not exist"),
        (["forget"], 1, "`forget` is not there yet"),
        (["self-update"], 1, "pip install"),
        (["generate", "--man", "x"], 1, "x/holdfast-repo.1: No such file"),
        (["backup", "--unknown"], 1, "--unknown"),
        (["unknown"], 1, "unknown"),
        (["-o", "sftp.command=x", "snapshots"], 1, "sftp.command"),
    ],
)
def test_codes_and_messages(
    words: list[str],
    code: int,
    said: str,
    form: list[str],
    saved: Path,
    holdfast: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del saved
    if "--insecure-no-password" in words:
        monkeypatch.delenv("RESTIC_PASSWORD")
    ended = holdfast(*words, *form)
    assert ended.code == code
    assert said in ended.err
    if form:
        assert json.loads(ended.err.splitlines()[-1]) == {
            "message_type": "exit_error",
            "code": code,
            "message": json.loads(ended.err.splitlines()[-1])["message"],
        }


def test_a_locked_repository(saved: Path, holdfast: Program) -> None:
    with Repository.open(saved, os.environ["RESTIC_PASSWORD"]) as repository, repository.lock(exclusive=True):
        ended = holdfast("backup", "documents")
    assert ended.code == 11
    assert "the `unlock` command can be used to remove stale locks" in ended.err


@pytest.fixture
def waiting(saved: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A backup of a pipe whose end does not come, its lock taken."""
    backup = subprocess.Popen(
        [*WORDS, "backup", "--stdin"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    with backup:
        while not any((saved / "locks").iterdir()):
            assert backup.poll() is None
        yield backup
        backup.kill()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(number: signal.Signals, code: int, waiting: subprocess.Popen[bytes], saved: Path) -> None:
    assert waiting.stdin
    waiting.send_signal(number)
    waiting.stdin.close()
    assert waiting.stderr
    said = waiting.stderr.read()
    assert waiting.wait() == code
    assert b"Traceback" not in said
    assert [*(saved / "locks").iterdir()] == []


@pytest.mark.parametrize("words", [[], ["key"]], ids=["repo", "key"])
def test_a_noun_alone_shows_its_help(words: list[str], holdfast: Program) -> None:
    ended = holdfast(*words)
    assert (ended.code, ended.err) == (0, "")
    assert "Commands:" in ended.out


def test_no_engine(monkeypatch: pytest.MonkeyPatch, holdfast: Program) -> None:
    monkeypatch.setattr("holdfast.cli.repo.verbs.find_spec", lambda _: None)
    ended = holdfast("snapshots")
    assert (ended.code, ended.err) == (1, "Fatal: this needs the engine: pip install 'holdfast[engine]'\n")
