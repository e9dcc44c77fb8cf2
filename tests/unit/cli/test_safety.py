"""The answer of `holdfast group list` to "is my data safe?"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from holdfast.api.groups import SnapshotGroup
from holdfast.cli.groups.listing import reason, status

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def group(due: timedelta, **covered: str) -> SnapshotGroup:
    said: dict[str, Any] = {"nextDue": (NOW + due).isoformat()}
    if covered:
        said["conditions"] = [{"type": "Covered", **covered}]
    return msgspec.convert({"metadata": {"name": "g"}, "status": said}, SnapshotGroup)


@pytest.mark.parametrize(
    ("due", "covered", "word"),
    [
        (timedelta(minutes=3), {"status": "True", "reason": "Safe"}, "Safe"),
        (timedelta(seconds=-30), {"status": "True", "reason": "Safe"}, "Safe"),
        (timedelta(minutes=-8), {"status": "True", "reason": "Safe"}, "Unconfirmed"),
        (timedelta(minutes=-8), {"status": "False", "reason": "Late", "message": "overdue"}, "Late"),
        (timedelta(minutes=3), {}, "Unknown"),
    ],
    ids=["safe", "just due", "a dead operator is not safety", "late", "never seen"],
)
def test_the_word(due: timedelta, covered: dict[str, str], word: str) -> None:
    found = group(due, **covered)
    assert status(found, NOW) == word
    assert bool(reason(found, NOW)) == (word != "Safe")
