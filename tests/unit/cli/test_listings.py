"""Tables for people and for pipes, JSON, YAML and names for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from holdfast.api.resource import SNAPSHOTS
from holdfast.cli import times
from holdfast.cli.listings import Column, show_objects, show_rows

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COLUMNS = (
    Column[tuple[str, str]]("NAME", lambda row: row[0]),
    Column[tuple[str, str]]("WHY", lambda row: row[1], wide=True, text=True),
)
LONG = "because " * 40
SNAPSHOT = {"metadata": {"name": "a", "namespace": "shop", "managedFields": [{"manager": "x"}]}}


def test_a_piped_table_is_neither_wrapped_nor_padded(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([("data-1", LONG), ("d", "")], COLUMNS, wide=True)
    assert capsys.readouterr().out == f"NAME     WHY\ndata-1   {LONG.rstrip()}\nd\n"


def test_wide_columns_are_left_out_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([("data-1", "x")], COLUMNS)
    assert capsys.readouterr().out == "NAME\ndata-1\n"


def test_an_empty_listing_says_so_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([], COLUMNS, empty="No groups in namespace shop.")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "No groups in namespace shop.\n")


@pytest.mark.parametrize(("output", "load"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_documents_are_lists_as_kubectl_prints_them(
    output: str, load: type, capsys: pytest.CaptureFixture[str]
) -> None:
    show_objects([SNAPSHOT], output, SNAPSHOTS)
    assert load(capsys.readouterr().out) == {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {
                "apiVersion": "snapshot.storage.k8s.io/v1",
                "kind": "VolumeSnapshot",
                "metadata": {"name": "a", "namespace": "shop"},
            }
        ],
    }


def test_names_can_be_given_to_kubectl(capsys: pytest.CaptureFixture[str]) -> None:
    show_objects([SNAPSHOT], "name", SNAPSHOTS)
    assert capsys.readouterr().out == "volumesnapshot.snapshot.storage.k8s.io/a\n"


@pytest.mark.parametrize(
    ("ago", "said"),
    [(0, "0s"), (119, "119s"), (180, "3m"), (7200, "2h"), (86400 * 2, "2d"), (86400 * 365 * 3, "3y")],
)
def test_ages(ago: int, said: str) -> None:
    assert times.age(NOW - timedelta(seconds=ago), NOW) == said


def test_times_to_come() -> None:
    assert times.until(NOW + timedelta(minutes=3), NOW) == "in 3m"
    assert times.until(NOW - timedelta(seconds=30), NOW) == "now"
    assert times.until(NOW - timedelta(minutes=3), NOW) == "3m ago"
    assert times.until(None, NOW) == ""
