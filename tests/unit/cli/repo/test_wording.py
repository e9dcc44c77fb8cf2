"""Numbers and tables as restic 0.19.1 printed them."""

from __future__ import annotations

import pytest

from holdfast.cli.repo.tables import table
from holdfast.cli.repo.wording import percent, quoted, size, span


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1058, "1.033 KiB"),
        (300_013, "292.981 KiB"),
        (1_500_040, "1.431 MiB"),
        (3 << 30, "3.000 GiB"),
        (5 << 40, "5.000 TiB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.9, "0:00"), (65, "1:05"), (3723, "1:02:03")])
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(("part", "whole", "text"), [(1, 8, "12.50%"), (9, 8, "100.00%"), (0, 0, "")])
def test_percents(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [('/a "b"', '/a "b"'), ("/a\nb", '"/a\\nb"'), ('/"\t', '"/\\"\\t"'), ("/ü", "/ü")],
)
def test_names_stay_in_their_line(name: str, shown: str) -> None:
    assert quoted(name) == shown


def test_tables_have_rules_and_cells_of_several_lines() -> None:
    rows = [["2bdf7f8d", "x\ny", "292.981 KiB"], ["a386ef04", "", "11 B"]]
    assert table(["ID", "Tags  ", "Size"], rows, ["2 snapshots"]) == [
        "ID        Tags    Size",
        "-----------------------------",
        "2bdf7f8d  x       292.981 KiB",
        "          y",
        "a386ef04          11 B",
        "-----------------------------",
        "2 snapshots",
    ]
