"""Velero's schedules, held against a table that the parser of the real Velero made (robfig/main.go)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.errors import CronError
from holdfast.policy.rhythms import parse

TABLE = [json.loads(line) for line in Path(__file__).with_name("robfig.jsonl").read_text().splitlines()]
READ = [row for row in TABLE if row["fires"]]
EXPRESSIONS = sorted({row["expression"] for row in READ})


def test_the_table_is_large_enough() -> None:
    assert len({row["expression"] for row in TABLE}) > 190
    assert len(TABLE) - len(READ) > 30


LOST = ("TZ=Asia/Beirut 45 23 * * sun", "2026-03-28")
"""That Sunday has no midnight, and the parser leaves it out."""


def test_as_the_real_parser() -> None:
    differ = []
    for row in READ:
        if row["expression"].endswith(LOST[0]) and row["after"].startswith(LOST[1]):
            continue
        rhythm, moment, found = parse(row["expression"]), datetime.fromisoformat(row["after"]), []
        for _ in row["fires"]:
            moment = rhythm.after(moment) or moment
            found.append(moment)
        if found != [datetime.fromisoformat(each) for each in row["fires"]]:
            differ.append((row, [f"{each:%Y-%m-%dT%H:%MZ}" for each in found]))
    assert differ == []


def test_a_day_without_a_midnight_is_not_left_out() -> None:
    first = parse(LOST[0]).after(datetime(2026, 3, 28, 20, tzinfo=UTC))
    assert first == datetime(2026, 3, 29, 20, 45, tzinfo=UTC)


@pytest.mark.parametrize("text", sorted({row["expression"] for row in TABLE} - {*EXPRESSIONS}))
def test_what_it_cannot_read_is_refused(text: str) -> None:
    """What never fires as well: Velero's server takes it for due at every look."""
    with pytest.raises(CronError):
        parse(text)


@given(
    st.sampled_from(EXPRESSIONS),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_a_later_moment_never_has_an_earlier_firing(text: str, moment: datetime, more: timedelta) -> None:
    rhythm, moment = parse(text), moment.replace(tzinfo=UTC)
    first, second = rhythm.after(moment), rhythm.after(moment + more)
    assert first
    assert second
    assert moment < first <= second
