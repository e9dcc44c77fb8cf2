"""Conditions with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
POLL = 0.01  # seconds


def eventually(check: Callable[[], Value], within: float = 60.0) -> Value:
    """The first true value that `check` gives, or a failed test."""
    deadline = time.monotonic() + within
    while not (value := check()):
        assert time.monotonic() < deadline, f"not within {within} s: {check}"
        time.sleep(POLL)
    return value
