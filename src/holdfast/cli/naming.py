"""Names that are typed for objects to be made."""

from __future__ import annotations

import re

from holdfast.cli.errors import MisusedError

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def checked(name: str, what: str) -> str:
    """The name, if an object can have it.

    Args:
        name: what was typed.
        what: that shall have it: `a backup`.

    Raises:
        MisusedError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise MisusedError(
            f"{name!r} cannot be the name of {what}",
            remedy="Use lower case letters, digits, dots and dashes, at most 253.",
        )
    return name
