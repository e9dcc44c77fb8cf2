"""Reading what components wrote."""

import os
from pathlib import Path


def tail(log: Path, size: int = 1500) -> str:
    """The end of a log, at most `size` bytes; nothing when there is no such log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            return file.read().decode(errors="replace").strip()
    except FileNotFoundError:
        return ""
