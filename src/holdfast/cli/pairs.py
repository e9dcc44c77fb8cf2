"""`key=value,other=value`, as several options take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli.errors import MisusedError

if TYPE_CHECKING:
    from collections.abc import Iterable


def listed(said: Iterable[str]) -> list[str]:
    """What stands between the commas."""
    return [name.strip() for text in said for name in text.split(",") if name.strip()]


def pairs(said: Iterable[str], flag: str) -> dict[str, str]:
    """Keys and values.

    Raises:
        MisusedError: something is no pair.
    """
    found = [text.partition("=") for text in listed(said)]
    if wrong := [text for text in found if not (text[0] and text[1])]:
        raise MisusedError(
            f"{flag}: {wrong[0][0]!r} is no pair", remedy=f"Write {flag} key=value,other=value."
        )
    return {key: value for key, _, value in found}
