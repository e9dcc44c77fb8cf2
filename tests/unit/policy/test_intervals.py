from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from holdfast.policy.intervals import IntervalError, is_gemini, parse_every

UNITS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604800,
    "month": 2592000,
    "year": 31536000,
}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("hour", 3600),
        ("hours", 3600),
        ("1 hour", 3600),
        ("minute", 60),
        ("10 minutes", 600),
        ("3 years", 3 * 365 * 86400),
        ("month", 30 * 86400),
        ("0 minutes", 0),
        ("-5 days", -5 * 86400),
        ("+2 hours", 7200),
        ("007 seconds", 7),
    ],
)
def test_what_gemini_reads_is_read_alike(text: str, seconds: int) -> None:
    assert parse_every(text) == timedelta(seconds=seconds)
    assert is_gemini(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", 600),
        ("720h30m", 720 * 3600 + 1800),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5h", 1800),
        ("1.h", 3600),
        ("90s", 90),
        ("1500ms", 1.5),
        ("-10m", -600),
        ("+10m", 600),
        ("0", 0),
        ("1m1m", 120),
        ("2000000us", 2),
        ("2000000µs", 2),
    ],
)
def test_go_durations_are_read_but_never_shown_to_gemini(text: str, seconds: float) -> None:
    assert parse_every(text) == timedelta(seconds=seconds)
    assert not is_gemini(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "s",
        "1.5 hours",
        "1  hour",
        " hour",
        "hour ",
        "every hour",
        "Hour",
        "hourss",
        "1 hour 2",
        "1_0 hours",
        "\u0661 hour",  # a digit, but not one of Go's
        "0 2 * * *",
        "asdfadsf",
        "h",
        "10",
        ".h",
        "1h 30m",
        "1d",
        "+-1h",
        "300 years",
        "9" * 30 + " seconds",
        "9" * 5000 + " seconds",
        "9" * 5000 + "h",
        "9" * 100_000,
        "2600000h",
    ],
)
def test_other_texts_are_refused_with_the_text_and_the_remedy(text: str) -> None:
    assert not is_gemini(text)
    with pytest.raises(IntervalError) as refused:
        parse_every(text)
    assert repr(text) in str(refused.value)
    assert '"10 minutes"' in str(refused.value)


@examples(deadline=None)
@given(st.integers(-100, 100), st.sampled_from(sorted(UNITS)), st.sampled_from(["", "s"]))
def test_every_amount_of_every_unit(amount: int, unit: str, plural: str) -> None:
    assert parse_every(f"{amount} {unit}{plural}") == timedelta(seconds=amount * UNITS[unit])


@examples(deadline=None)
@given(st.text(max_size=20))
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(IntervalError):
        assert isinstance(parse_every(text), timedelta)
