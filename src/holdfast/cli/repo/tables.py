"""restic's tables: columns two spaces apart, lines of dashes around the rows, cells of several lines. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], footer: Sequence[str] = ()) -> list[str]:
    """All lines of a table."""
    widths = [
        max(len(line) for cell in column for line in cell.split("\n"))
        for column in zip(heads, *rows, strict=True)
    ]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    body = [line for row in rows for line in _lines(row, widths)]
    return [*_lines(heads, widths), rule, *body, rule, *footer]


def _lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    parts = zip_longest(*(cell.split("\n") for cell in cells), fillvalue="")
    return [
        "  ".join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip()
        for line in parts
    ]
