"""Names as values of labels, which may have 63 characters. Rule: Velero 1.18, `pkg/label`."""

from __future__ import annotations

import hashlib

_MOST = 63
_DIGITS = 6


def label_value(name: str) -> str:
    """The name, or of a longer one its first 57 characters and 6 hex digits of its SHA-256."""
    if len(name) <= _MOST:
        return name
    return name[: _MOST - _DIGITS] + hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
