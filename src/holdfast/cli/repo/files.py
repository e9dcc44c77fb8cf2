"""Files that flags name: read whole, and told of by their names when they cannot be."""

from __future__ import annotations

from pathlib import Path

from holdfast.cli.repo.failing import FatalError


def bytes_of(file: str) -> bytes:
    """All of a file.

    Raises:
        FatalError: it cannot be read.
    """
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        raise FatalError(f"{file} does not exist") from None
    except OSError as failure:
        raise FatalError(f"reading {file}: {failure.strerror}") from None


def text_of(file: str) -> str:
    """What a file says, such as a password or a location, without a byte order mark and spaces around it.

    Raises:
        FatalError: it cannot be read, or is no UTF-8.
    """
    try:
        return bytes_of(file).decode("utf-8-sig").strip()
    except UnicodeDecodeError as wrong:
        raise FatalError(f"reading {file}: {wrong}") from None
