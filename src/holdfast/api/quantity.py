"""Kubernetes quantities of storage, as far as sizes need them."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_SUFFIXES = {
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
    **{letter: Decimal(1000) ** power for power, letter in enumerate(["k", "M", "G", "T", "P", "E"], 1)},
    "": Decimal(1),
    "m": Decimal("0.001"),
    "u": Decimal("0.000001"),
    "n": Decimal("0.000000001"),
}
_PATTERN = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE][+-]?[0-9]+)|([KMGTPE]i|[kMGTPEmun]?))")


def parse_size(text: str) -> int:
    """Bytes in a quantity, rounded up.

    Raises:
        ValueError: it is no quantity.
    """
    match = _PATTERN.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no quantity: write a number with an optional suffix, such as 10Gi")
    number, exponent, suffix = match.groups()
    return math.ceil(Decimal(number + (exponent or "")) * _SUFFIXES[suffix or ""])


def format_size(size: int) -> str:
    """The shortest exact quantity of so many bytes: `10Gi`, `1500`."""
    for power, letter in reversed(list(enumerate("KMGTPE", 1))):
        if size and size % 1024**power == 0:
            return f"{size // 1024**power}{letter}i"
    return str(size)
