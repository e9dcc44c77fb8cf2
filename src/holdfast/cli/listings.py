"""Objects on standard output: as a table to read, or as JSON, YAML or names for programs.

A table is aligned columns without lines. In a terminal a last column of free text wraps; elsewhere nothing is wrapped
or coloured, so that `awk` and `grep` can work on it. JSON and YAML are the objects of the API server (a List,
as kubectl prints it) without managedFields.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from holdfast.api.resource import Resource

T = TypeVar("T")
Manifest = dict[str, Any]
_GAP = "   "
_READABLE = 30
"""Free text is not folded into less than so many characters."""
_ENDLESS = 10_000


def _plain(_: str) -> None:
    return None


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column: its title and what it says of a row, and in which colour.

    Free `text` may wrap in a terminal; only the last column can be such.
    """

    title: str
    cell: Callable[[T], str]
    wide: bool = False
    text: bool = False
    colour: Callable[[str], str | None] = _plain


def show_rows(
    rows: Sequence[T], columns: Sequence[Column[T]], *, wide: bool = False, empty: str = ""
) -> None:
    """Print rows as a table; without rows, the sentence `empty` on standard error."""
    if not rows:
        click.echo(empty, err=True)
        return
    shown = [column for column in columns if wide or not column.wide]
    for line in _table(rows, shown):
        click.echo(line)


def show_objects(objects: Sequence[Manifest], output: str, resource: Resource) -> None:
    """Print objects as `json`, `yaml` or `name`."""
    if output == "name":
        kind = resource.qualified.replace(resource.plural, resource.kind.lower(), 1)
        for item in objects:
            click.echo(f"{kind}/{item['metadata']['name']}")
        return
    typed = [{"apiVersion": resource.api_version, "kind": resource.kind} | item for item in objects]
    show_document({"apiVersion": "v1", "kind": "List", "items": [without_noise(o) for o in typed]}, output)


def show_document(document: object, output: str) -> None:
    """Print one value as `json` or `yaml`."""
    click.echo(to_yaml(document) if output == "yaml" else to_json(document), nl=False)


def to_json(document: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def to_yaml(document: object) -> str:
    import yaml

    class Plain(yaml.CSafeDumper):
        """Repeats what occurs twice instead of pointing at it."""

        def ignore_aliases(self, _data: object) -> bool:
            return True

    return yaml.dump(document, Dumper=Plain, sort_keys=False, width=110, allow_unicode=True)


def without_noise(item: Manifest) -> Manifest:
    """An object without the fields that only servers read."""
    metadata = {key: value for key, value in item.get("metadata", {}).items() if key != "managedFields"}
    return item | {"metadata": metadata}


def _table(rows: Sequence[T], columns: Sequence[Column[T]]) -> Iterator[str]:
    cells = [[column.cell(row) for column in columns] for row in rows]
    titles = [column.title for column in columns]
    widths = [max(map(len, texts)) for texts in zip(titles, *cells, strict=True)]
    if columns[-1].text:
        widths[-1] = _room(widths[:-1])
    yield click.style(_line(titles, widths), bold=True)
    indent = " " * (sum(widths[:-1]) + len(_GAP) * (len(widths) - 1))
    for line in cells:
        first, *more = textwrap.wrap(line[-1], widths[-1]) or [""]
        texts = zip(columns, [*line[:-1], first], widths, strict=True)
        yield _GAP.join(_painted(*each) for each in texts).rstrip()
        yield from (f"{indent}{text}" for text in more)


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(text.ljust(width) for text, width in zip(texts, widths, strict=True)).rstrip()


def _painted(column: Column[T], text: str, width: int) -> str:
    colour = column.colour(text)
    return (click.style(text, fg=colour) if colour else text) + " " * (width - len(text))


def _room(others: Sequence[int]) -> int:
    """What a terminal leaves for the free text of the last column; elsewhere it is not wrapped."""
    if not sys.stdout.isatty():
        return _ENDLESS
    return max(_READABLE, shutil.get_terminal_size().columns - sum(others) - len(_GAP) * len(others))
