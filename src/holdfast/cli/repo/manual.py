"""Manual pages of `holdfast repo`, from the same descriptions as `--help`. Pure."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

import click

from holdfast.cli.commanding import Verb
from holdfast.cli.reference import verbs
from holdfast.cli.repo.failing import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def pages(noun: click.Group, root: click.Context) -> dict[str, str]:
    """`holdfast-repo-backup.1` and the like, with what is in them; a page for each verb and noun."""
    shown: dict[str, click.Context] = {}
    for verb in verbs(noun, root):
        for context in _within(verb, root):
            shown.setdefault(_name(context), context)
    return {f"{name}.1": _page(name, context) for name, context in shown.items()}


def _within(context: click.Context, root: click.Context) -> Iterator[click.Context]:
    """The noun of a verb, and the verb."""
    if context.parent and context is not root:
        yield from _within(context.parent, root)
        yield context


def _name(context: click.Context) -> str:
    return "-".join(context.command_path.split())


def _page(name: str, context: click.Context) -> str:
    command = context.command
    text = cleandoc(command.help or "")
    summary, *rest = text.split("\n\n")
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    parts = [
        f'.TH "{_plain(name.upper())}" "1" "" "Holdfast" ""',
        *_section("NAME", [f"{_plain(name)} \\- {_plain(summary.replace(chr(10), ' ').rstrip('.'))}"]),
        *_section("SYNOPSIS", [_bold(usage)]),
        *_section("DESCRIPTION", _paragraphs(rest or [summary])),
        *_section("OPTIONS", _definitions(dict(filter(None, records)))),
        *_section("EXAMPLES", _examples(command)),
        *_section("EXIT STATUS", _definitions({str(code): said for code, said in CODES.items()})),
        *_section("SEE ALSO", [", ".join(_related(context))]),
    ]
    return "\n".join(parts) + "\n"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f'.SH "{title}"', *lines] if any(lines) else []


def _paragraphs(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in (".PP", _plain(" ".join(text.split())))]


def _definitions(named: Mapping[str, str]) -> list[str]:
    return [line for name, said in named.items() for line in (".TP", _bold(name), _plain(said))]


def _examples(command: click.Command) -> list[str]:
    examples = command.examples if isinstance(command, Verb) else ""
    return [".nf", *map(_plain, examples.splitlines()), ".fi"] if examples else []


def _related(context: click.Context) -> Iterator[str]:
    """The noun, or a noun's verbs."""
    if isinstance(context.command, click.Group):
        verbs_of = context.command.list_commands(context)
        yield from (f"{_bold(f'{_name(context)}-{name}')}(1)" for name in verbs_of)
    elif context.parent:
        yield f"{_bold(_name(context.parent))}(1)"


def _bold(text: str) -> str:
    return f"\\fB{_escaped(text)}\\fR"


def _plain(text: str) -> str:
    """As roff prints it: no word of it is a request."""
    return f"\\&{_escaped(text)}" if text.startswith((".", "'")) else _escaped(text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-")
