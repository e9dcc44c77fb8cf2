"""`key=value,other=value`, `old:new` and the like, as several options take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.cli.errors import MisusedError

if TYPE_CHECKING:
    from collections.abc import Iterable


def listed(said: Iterable[str]) -> list[str]:
    """What stands between the commas."""
    return [name.strip() for text in said for name in text.split(",") if name.strip()]


def pairs(said: Iterable[str], flag: str, sign: str = "=") -> dict[str, str]:
    """Keys and values.

    Args:
        said: values of the option.
        flag: the option.
        sign: what stands between a key and its value.

    Raises:
        MisusedError: something is no pair.
    """
    found = [text.partition(sign) for text in listed(said)]
    if wrong := [text for text in found if not (text[0] and text[1])]:
        raise MisusedError(
            f"{flag}: {''.join(wrong[0])!r} is no pair",
            remedy=f"Write {flag} one{sign}other,third{sign}fourth.",
        )
    return {key: value for key, _, value in found}
