"""What `backup` takes from its flags and the environment."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.repositories import Program


def newest(restic: Program) -> Any:  # noqa: ANN401 - JSON
    return restic("--json", "snapshots").documents[0][-1]


@pytest.mark.parametrize(
    ("flags", "variable", "host"),
    [([], "anna", "anna"), (["--host", "bob"], "anna", "bob"), (["-H", "bob"], "", "bob")],
)
def test_hosts(
    flags: list[str],
    variable: str,
    host: str,
    saved: Path,
    holdfast: Program,
    restic: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del saved
    monkeypatch.setenv("RESTIC_HOST", variable)
    assert holdfast("backup", "documents", *flags).code == 0
    monkeypatch.delenv("RESTIC_HOST")
    assert newest(restic)["hostname"] == host


def test_an_empty_host_is_this_machine(
    saved: Path, holdfast: Program, restic: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    del saved
    mine = newest(restic)["hostname"]
    monkeypatch.setenv("RESTIC_HOST", "anna")
    assert holdfast("backup", "documents", "--host", "").code == 0
    monkeypatch.delenv("RESTIC_HOST")
    assert newest(restic)["hostname"] == mine


def test_standard_input(
    saved: Path, holdfast: Program, restic: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = saved.with_name("typed")
    typed.write_text("typed\n")
    with typed.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert holdfast("backup", "--stdin", "--stdin-filename", "a/b").code == 0
    assert restic("dump", "latest", "/a/b").out == "typed\n"


def test_what_a_command_prints(saved: Path, holdfast: Program, restic: Program) -> None:
    del saved
    assert holdfast("backup", "--stdin-from-command", "--tag", "a,b", "--", "echo", "printed").code == 0
    assert restic("dump", "latest", "/stdin").out == "printed\n"
    assert newest(restic)["tags"] == ["a", "b"]


def test_a_command_that_fails_makes_no_snapshot(saved: Path, holdfast: Program, restic: Program) -> None:
    del saved
    before = newest(restic)
    ended = holdfast("backup", "--stdin-from-command", "--", "sh", "-c", "echo half; exit 4")
    assert ended.code == 1
    assert "exit status 4" in ended.err
    assert newest(restic) == before


def test_names_that_are_no_text(saved: Path, documents: Path, holdfast: Program, restic: Program) -> None:
    del saved
    (documents / "bad\udcffname").touch()
    assert holdfast("backup", "documents").code == 0
    ours = [node["path"] for node in holdfast("--json", "ls", "latest").documents[1:]]
    assert ours == [node["path"] for node in restic("--json", "ls", "latest").documents[1:]]
    assert json.dumps(ours).count("ufffd") == 1


@pytest.mark.parametrize("before", [["-v", "--json=false"], []], ids=["before", "after"])
def test_flags_before_and_after_the_verb(
    before: list[str], saved: Path, holdfast: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RESTIC_REPOSITORY")
    where = ["-r", str(saved)]
    line = (
        [*before, *where, "backup", "documents"] if before else ["backup", "documents", *where, "--verbose=1"]
    )
    ended = holdfast(*line)
    assert ended.code == 0
    assert "Data Blobs:" in ended.out
