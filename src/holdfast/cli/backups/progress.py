"""How far a backup is: one line that changes in a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def status() -> Iterator[Callable[[str], None]]:
    """Gives what shows a text on standard error, in place of the one before."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Asking what the cluster has") as line:
        yield line.update
