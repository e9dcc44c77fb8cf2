"""Compressed bytes out of a store, decompressed as they come, and never more than was agreed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from isal import igzip, isal_zlib

from holdfast.archive.errors import DamagedError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

_BLOCK = 1 << 20
_Torn: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # the stub says it is an instance


class Unzipped(io.RawIOBase):
    """A gzip file that arrives in pieces, as a file to read from front to end."""

    def __init__(self, chunks: Iterable[bytes], *, title: str, most: int) -> None:
        """A reader at the beginning.

        Args:
            chunks: the compressed bytes.
            title: what it is, for messages.
            most: how many bytes may come out of it.
        """
        joined = io.BufferedReader(_Joined(chunks), _BLOCK)
        self._file = igzip.GzipFile(fileobj=joined)  # type: ignore[no-untyped-call]
        self._title, self._most, self._given = title, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill the buffer.

        Raises:
            DamagedError: it is no gzip file, ends too early, or its checksum is wrong.
            TooLargeError: it holds more than was agreed.
        """
        try:
            got = self._file.readinto(buffer)
        except (EOFError, OSError, _Torn) as error:
            raise DamagedError(f"{self._title} is damaged: {error}") from error
        self._given += got
        if self._given > self._most:
            raise TooLargeError(f"{self._title} holds more than {self._most >> 20} MiB when decompressed")
        return got


def unzipped(chunks: Iterable[bytes], *, title: str, most: int) -> bytes:
    """The whole content of a small gzip file. Raises as `Unzipped.readinto`."""
    return Unzipped(chunks, title=title, most=most).readall() or b""


class _Joined(io.RawIOBase):
    """Pieces of bytes as one file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        while not self._rest:
            if (chunk := next(self._chunks, None)) is None:
                return 0
            self._rest = memoryview(chunk)
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
