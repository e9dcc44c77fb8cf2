"""Objects on standard output: as a table to read, or as JSON, YAML or names for programs.

A table is aligned columns without lines. In a terminal the widest free text wraps; elsewhere nothing is wrapped,
coloured or padded, so that `awk` and `grep` can work on it. JSON and YAML are the objects of the API server (a List,
as kubectl prints it) without managedFields.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from holdfast.api.resource import Resource

T = TypeVar("T")
Manifest = dict[str, Any]
_GAP = 3
_READABLE = 30
"""Free text is not folded into less than so many characters."""
_ENDLESS = 10_000


def _plain(_: str) -> None:
    return None


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column: its title and what it says of a row. `style` colours what it says; `text` may wrap."""

    title: str
    cell: Callable[[T], str]
    wide: bool = False
    text: bool = False
    style: Callable[[str], str | None] = _plain


def show_rows(
    rows: Sequence[T], columns: Sequence[Column[T]], *, wide: bool = False, empty: str = ""
) -> None:
    """Print rows as a table; without rows, the sentence `empty` on standard error."""
    if not rows:
        click.echo(empty, err=True)
        return
    shown = [column for column in columns if wide or not column.wide]
    click.echo(_table(rows, shown), nl=False)


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


def _table(rows: Sequence[T], columns: Sequence[Column[T]]) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    cells = [[column.cell(row) for row in rows] for column in columns]
    needed = [_least(column, texts) for column, texts in zip(columns, cells, strict=True)]
    for column, least in zip(columns, needed, strict=True):
        table.add_column(column.title, no_wrap=not column.text, min_width=least)
    for line in zip(*cells, strict=True):
        table.add_row(*(Text(t, c.style(t) or "") for t, c in zip(line, columns, strict=True)))
    console = Console() if sys.stdout.isatty() else Console(width=_ENDLESS, no_color=True)
    console.width = max(console.width, sum(needed) + _GAP * len(needed))
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _least(column: Column[T], texts: Sequence[str]) -> int:
    """How narrow a column may get: names stay whole, free text may wrap."""
    widest = max(map(len, texts))
    return max(len(column.title), min(widest, _READABLE) if column.text else widest)
