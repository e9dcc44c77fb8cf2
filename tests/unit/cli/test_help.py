"""Help and completion: quick because they import nothing heavy, and true because they are held against the verbs."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import pytest

from holdfast.cli import backups, locations, repo, restores
from holdfast.cli.catalog import CATALOG, Entry, Noun
from holdfast.cli.main import run
from holdfast.cli.options import cluster_options
from holdfast.cli.reference import DOCS, PAGES, verbs
from holdfast.cli.repo.flags import global_flags
from holdfast.cli.repo.verbs import RepoVerb

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

HEAVY = ("aiohttp", "asyncio", "grpc", "msgspec", "prometheus_client", "rich", "structlog", "yaml")
TOGETHER = {
    "target": {option.name for option in cluster_options()},
    "settings": {flag.name for flag in global_flags()},
}
"""Options that arrive as one value."""
LINES = [
    [],
    *([noun] for noun, entry in CATALOG.items() if isinstance(entry, Noun)),
    *(context.command_path.split()[1:] for context in verbs()),
]


def imported(*arguments: str, **environment: str) -> set[str]:
    """Top-level packages that one run of the program imports."""
    code = (
        "import sys; from holdfast.cli.main import run; run(sys.argv[1:]);"
        "print('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_help_imports_nothing_heavy(line: list[str]) -> None:
    assert not imported(*line, "--help") & set(HEAVY)


def test_completion_imports_nothing_heavy() -> None:
    words = {"_HOLDFAST_COMPLETE": "bash_complete", "COMP_WORDS": "holdfast group ", "COMP_CWORD": "2"}
    assert not imported(**words) & set(HEAVY)


def test_help_of_a_noun_loads_no_verb(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "holdfast.cli.grouping.import_module", lambda name: pytest.fail(f"{name} was imported")
    )
    assert run(["snapshot", "--help"]) == 0
    assert "List snapshots" in capsys.readouterr().out


@pytest.mark.parametrize("context", list(verbs()), ids=lambda context: context.command_path)
def test_the_table_says_what_the_verb_says(context: click.Context) -> None:
    _, first, *rest = context.command_path.split()
    entry: Noun | Entry = CATALOG[first]
    for word in rest:
        assert isinstance(entry, Noun)
        entry = entry.verbs[word]
    assert context.command.help
    assert context.command.help.splitlines()[0] == entry.summary


@pytest.mark.parametrize("context", list(verbs()), ids=lambda context: context.command_path)
def test_every_option_arrives(context: click.Context) -> None:
    command = context.command
    assert command.callback
    taken = options_of(command.callback)
    value = "settings" if isinstance(command, RepoVerb) else "target"
    together = TOGETHER[value] if value in taken else set()
    assert taken - {"ctx", value} == {parameter.name for parameter in command.params} - together


def flags_of(annotation: str) -> set[str]:
    """Keys of the TypedDict in `Unpack[…]`."""
    name = annotation.removeprefix("Unpack[").removesuffix("]")
    modules = (
        import_module(f"{package.__name__}.{module.name}")
        for package in (repo, backups, locations, restores)
        for module in iter_modules(package.__path__)
    )
    return next(keys_of(getattr(module, name)) for module in modules if hasattr(module, name))


def keys_of(typed: Any) -> set[str]:  # noqa: ANN401  (a TypedDict)
    return {*typed.__required_keys__, *typed.__optional_keys__}


def options_of(callback: Callable[..., Any]) -> set[str]:
    """Names of parameters; of `**flags`, the keys of its TypedDict."""
    names: set[str] = set()
    for name, parameter in inspect.signature(callback).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            names |= flags_of(parameter.annotation)
        else:
            names.add(name)
    return names


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_what_the_program_says(page: str) -> None:
    assert (DOCS / page).read_text() == PAGES[page](), "run `python -m holdfast.cli.reference`"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("holdfast un", ["uninstall"]),
        ("holdfast snapshot ", ["delete", "list", "take"]),
        ("holdfast install --dry", ["--dry-run"]),
    ],
)
def test_bash_completes(
    words: str, offered: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_HOLDFAST_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    assert run([]) == 0
    assert [line.partition(",")[2] for line in capsys.readouterr().out.split()] == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert f"_HOLDFAST_COMPLETE={shell}_complete" in capsys.readouterr().out
