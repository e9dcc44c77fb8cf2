"""Numbered records with checksums, as the demo's application writes them, and what a copy proves. Pure."""

from __future__ import annotations

import hashlib


def record(number: int) -> str:
    """The line of this number; it says itself whether it is whole."""
    return f"{number} {hashlib.sha256(str(number).encode()).hexdigest()}\n"


def whole_records(text: str) -> int:
    """How many records the text begins with.

    The last line may be torn: a snapshot is taken while the application writes.

    Raises:
        ValueError: a line before the last is not the record that belongs there.
    """
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line != record(number):
            if number == len(lines) - 1 and record(number).startswith(line):
                return number
            raise ValueError(f"record {number} is damaged: {line!r}")
    return len(lines)
