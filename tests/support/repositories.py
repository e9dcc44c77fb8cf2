"""What a command line of `holdfast repo` or of restic came to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable


class Ended(NamedTuple):
    """What came of a command line."""

    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[Any]:
        """A JSON document a line, or one over several."""
        try:
            return [json.loads(line) for line in self.out.splitlines()]
        except json.JSONDecodeError:
            return [json.loads(self.out)]


Program: TypeAlias = "Callable[..., Ended]"
