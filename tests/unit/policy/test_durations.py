from __future__ import annotations

from datetime import timedelta

import pytest

from holdfast.policy.durations import DurationError, read, spelled

READ = {
    "720h0m0s": timedelta(days=30),
    "1h30m": timedelta(minutes=90),
    "1.5s": timedelta(seconds=1.5),
    ".5m": timedelta(seconds=30),
    "100ms": timedelta(milliseconds=100),
    "0": timedelta(),
    "0s": timedelta(),
    "-1m": timedelta(minutes=-1),
    "1m1h": timedelta(minutes=61),
}


@pytest.mark.parametrize(("text", "length"), READ.items())
def test_what_go_reads(text: str, length: timedelta) -> None:
    assert read(text) == length


@pytest.mark.parametrize(
    "text", ["", "1", "1d", "h", "1 h", "1h ", "--1h", "1e3s", "0x1s", "1h30", "9" * 30 + "h"]
)
def test_what_go_refuses(text: str) -> None:
    with pytest.raises(DurationError, match=text[:10] or "''"):
        read(text)


@pytest.mark.parametrize("text", ["0s", "59s", "1m0s", "1m30s", "1h0m0s", "720h0m0s"])
def test_as_go_writes_it(text: str) -> None:
    assert spelled(read(text)) == text
