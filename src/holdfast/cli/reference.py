"""The pages `docs/cli.md` and `docs/exit-codes.md`, from the verbs and the failures themselves.

`python -m holdfast.cli.reference` writes them; a test fails when they differ from what the program says.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli import errors
from holdfast.cli.main import root
from holdfast.cli.repo import failing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCS = Path(__file__).parents[3] / "docs"
_WIDTH = 100

_CLI = """\
# The command line

`holdfast NOUN VERB`; installed as `kubectl-holdfast` too, so `kubectl holdfast …` is the same.

- `--kubeconfig`, `--context` and `-n/--namespace` are understood before the noun and after the verb; without them
  the kubeconfig decides, as with kubectl.
- Listings take `-o table|wide|json|yaml|name`. Tables are for reading: times are ages there. JSON and YAML are the
  objects of the API server, with times in RFC 3339.
- Long operations show a moving line in a terminal, plain lines elsewhere, and with `--json` one JSON object a line.
- Colours appear in a terminal only; `NO_COLOR=1` turns them off there, too.
- An error names the object, the value and the remedy; what the exit codes mean is in [exit codes](exit-codes.md).
- `HOLDFAST_DEBUG=1` shows where an error came from.

Lines that begin with `$ ` in the examples are run by the tests.
"""

_CODES = """\
# Exit codes

| code | meaning |
| ---: | --- |
"""


_REPO_CODES = """
`holdfast repo` has those of restic:

| code | meaning |
| ---: | --- |
"""


def verbs(group: click.Group | None = None, parent: click.Context | None = None) -> Iterator[click.Context]:
    """A context for each verb, in the order of the help."""
    group = group or root()
    context = _context(group, parent)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from verbs(command, context)
        elif command is not None:
            yield _context(command, context)


def _context(command: click.Command, parent: click.Context | None) -> click.Context:
    return command.make_context(
        command.name, [], parent, resilient_parsing=True, terminal_width=_WIDTH, max_content_width=_WIDTH
    )


def cli_page() -> str:
    """`docs/cli.md`."""
    return _CLI + "".join(_section(shown) for shown in _nouns_with_options_and_verbs())


def _nouns_with_options_and_verbs() -> Iterator[click.Context]:
    seen: set[str] = set()
    for verb in verbs():
        noun = verb.parent
        if noun and noun.parent and noun.command.params and noun.command_path not in seen:
            seen.add(noun.command_path)
            yield noun
        yield verb


def _section(shown: click.Context) -> str:
    return f"\n## {shown.command_path}\n\n```text\n{shown.command.get_help(shown)}\n```\n"


def codes_page() -> str:
    """`docs/exit-codes.md`."""
    return _CODES + _rows(errors.CODES) + _REPO_CODES + _rows(failing.CODES)


def _rows(codes: Mapping[int, str]) -> str:
    return "".join(f"| {code} | {meaning} |\n" for code, meaning in codes.items())


PAGES = {"cli.md": cli_page, "exit-codes.md": codes_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
