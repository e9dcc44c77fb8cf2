"""The examples in the help of `holdfast repo` are commands that work, typed as they stand there."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import click
import pytest

from holdfast.cli.reference import verbs
from holdfast.cli.repo.verbs import RepoVerb

VERBS = [(verb, verb.command) for verb in verbs() if isinstance(verb.command, RepoVerb)]


def test_every_verb_has_examples() -> None:
    assert VERBS
    assert all(command.examples for _, command in VERBS)


def lines(command: RepoVerb) -> list[str]:
    return [line.removeprefix("$ ") for line in command.examples.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize(("verb", "command"), VERBS, ids=[verb.command_path for verb, _ in VERBS])
def test_examples_run(
    verb: click.Context, command: RepoVerb, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    if verb.command.name == "init":
        shutil.rmtree(saved)
    for line in lines(command):
        mine = line.replace("/srv/", f"{tmp_path}/").replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - of the example
        ended = subprocess.run(mine, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
        assert ended.returncode == 0, f"{line}\n{ended.stderr}"
