from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kube import errors, retrying

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DRAWS = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), st.none() | st.floats(0, 3600), DRAWS, st.floats(0.2, 60))
def test_a_pause_is_at_least_what_the_server_asks_and_never_much_longer(
    attempt: int, asked: float | None, draw: float, longest: float
) -> None:
    seconds = retrying.pause(attempt, asked, draw, longest=longest)
    assert (asked or 0) <= seconds <= (asked or 0) + longest


@given(st.integers(1, 100), DRAWS)
def test_pauses_grow(attempt: int, draw: float) -> None:
    assert retrying.pause(attempt, None, draw) <= retrying.pause(attempt + 1, None, draw)


@given(st.integers(0, 10**6))
def test_retry_after_in_seconds(seconds: int) -> None:
    assert retrying.retry_after(f" {seconds} ", NOW) == seconds


@given(st.integers(-(10**6), 10**6))
def test_retry_after_as_a_date(seconds: int) -> None:
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retrying.retry_after(header, NOW) == max(0, seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5.2026"])
def test_retry_after_that_says_nothing(header: str | None) -> None:
    assert retrying.retry_after(header, NOW) is None


STATUSES = st.sampled_from([400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 501, 502, 503, 504])


@given(STATUSES)
def test_a_write_is_repeated_only_when_the_server_surely_did_not_act(status: int) -> None:
    failure = errors.from_answer(status, b"")
    assert retrying.may_retry(failure, reads=False) == (status == 429)


@given(STATUSES)
def test_a_read_is_repeated_after_what_passes(status: int) -> None:
    failure = errors.from_answer(status, b"")
    assert retrying.may_retry(failure, reads=True) == (status in {429, 500, 502, 503, 504})


@pytest.mark.parametrize(("reads", "sent", "again"), [(1, 1, 1), (1, 0, 1), (0, 1, 0), (0, 0, 1)])
def test_transport_failures(reads: int, sent: int, again: int) -> None:
    failure = errors.Unreachable("cut", sent=bool(sent))
    assert retrying.may_retry(failure, reads=bool(reads)) == bool(again)


def test_broken_credentials_are_not_tried_again() -> None:
    assert not retrying.may_retry(errors.AccessError("no"), reads=True)
