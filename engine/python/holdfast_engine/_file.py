"""A file inside a snapshot as Python's own kind of file object."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Buffer

    from ._engine import FileReader, Node


class SnapshotFile(io.RawIOBase):
    """Raw and seekable; wrap it into `io.BufferedReader` for small reads. Keeps the blob it read last."""

    def __init__(self, reader: FileReader, node: Node) -> None:
        self._reader = reader
        self._position = 0
        self.node = node

    @property
    def name(self) -> str:
        """Its path in the snapshot."""
        return self.node.path

    @property
    def mode(self) -> str:
        return "rb"

    def readable(self) -> bool:
        self._check_open()
        return True

    def seekable(self) -> bool:
        self._check_open()
        return True

    def tell(self) -> int:
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Moves; behind the end is fine, there is nothing to read."""
        self._check_open()
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._reader.size}
        if whence not in starts:
            raise ValueError(f"whence is {whence}, not 0 (start), 1 (here) or 2 (end)")
        if starts[whence] + offset < 0:
            raise ValueError(f"position {starts[whence] + offset} is before the start of {self.name}")
        self._position = starts[whence] + offset
        return self._position

    def readinto(self, buffer: Buffer, /) -> int:
        self._check_open()
        count = self._reader.read_into(buffer, self._position)
        self._position += count
        return count

    def close(self) -> None:
        if not self.closed:
            self._reader.close()
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError(f"{self.name} is closed")
