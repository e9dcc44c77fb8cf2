"""Everything that restic 0.19.1's help names works here or is refused by its name, with the reason."""

import re
import subprocess
from functools import cache

import click
import pytest

from holdfast.cli.main import root
from holdfast.cli.repo.grouping import REFUSED
from holdfast_sandbox.tools import peer

COMMAND = re.compile(r"^  ([a-z][a-z-]+) {2,}\S", re.MULTILINE)
FLAG = re.compile(r"^ +(?:-(\w), |  *)--([\w-]+)(?: (\S+))? {2,}", re.MULTILINE)
VARIABLE = re.compile(r"\$(RESTIC_\w+)")
OWN_HELP = {"help"}
ELSEWHERE = {"completion", "help"}
"""Verbs of the library that restic's command line is made with."""


@cache
def restic_help(*words: str) -> str:
    ended = subprocess.run(
        [peer("restic-0.19.1"), *words, "--help"], capture_output=True, text=True, check=True
    )
    return ended.stdout


def restic_verbs() -> list[tuple[str, ...]]:
    names = [name for name in COMMAND.findall(restic_help()) if name not in ELSEWHERE]
    keys = [("key", name) for name in COMMAND.findall(restic_help("key"))]
    return [*((name,) for name in names if name != "key"), *keys]


def repo() -> click.Group:
    group = root().get_command(click.Context(root()), "repo")
    assert isinstance(group, click.Group)
    return group


def ours(words: tuple[str, ...]) -> click.Command | None:
    command: click.Command | None = repo()
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    return command


VERBS = restic_verbs()
HERE = [verb for verb in VERBS if verb[0] not in REFUSED]


def test_the_walk_sees_verbs() -> None:
    assert {("backup",), ("check",), ("key", "passwd"), ("prune",)} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_is_here_or_refused(verb: tuple[str, ...]) -> None:
    assert (ours(verb) is None) == (verb[0] in REFUSED)


@pytest.mark.parametrize("verb", HERE, ids=" ".join)
def test_every_flag_is_here(verb: tuple[str, ...]) -> None:
    command = ours(verb)
    assert command
    options = [option for option in command.params if isinstance(option, click.Option)]
    taken = {name: option for option in options for name in option.opts}
    flags = [flag for flag in FLAG.findall(restic_help(*verb)) if flag[1] not in OWN_HELP]
    assert len(flags) > 20, "global flags at least"
    for letter, name, value in flags:
        option = taken.get(f"--{name}")
        assert option, f"--{name}"
        assert not letter or taken.get(f"-{letter}") is option, f"-{letter}"
        assert bool(value) != bool(option.is_flag or option.count), f"--{name}"


@pytest.mark.parametrize("verb", HERE, ids=" ".join)
def test_every_variable_is_told_of(verb: tuple[str, ...]) -> None:
    command = ours(verb)
    assert command
    told = [option.help or "" for option in command.params if isinstance(option, click.Option)]
    variables = set(VARIABLE.findall(restic_help(*verb)))
    assert variables <= set(VARIABLE.findall(" ".join(told)))
