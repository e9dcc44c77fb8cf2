"""A file inside a snapshot as Python's own kind of file object."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from ._engine import FileReader, Node


class SnapshotFile(io.RawIOBase):
    """Raw and seekable; reads give all that was asked for, up to the end. Keeps the blob it read last.

    Many small reads are quicker through `io.BufferedReader`.
    """

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

    def read(self, size: int | None = -1, /) -> bytes:
        self._check_open()
        rest = max(0, self._reader.size - self._position)
        data = self._reader.read_at(self._position, rest if size is None or size < 0 else size)
        self._position += len(data)
        return data

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._reader.close()
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError(f"{self.name} is closed")
