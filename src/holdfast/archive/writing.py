"""The tarball of a backup, written item by item, as Velero writes it.

Each item goes in twice, as Velero has done since 1.4, so that every version of it restores the backup.
Headers are made here because the standard library takes ten times as long for one; names that do not fit into
a plain header are left to it.
"""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from isal import isal_zlib

if TYPE_CHECKING:
    from typing import IO

    from holdfast.archive.paths import ItemKey

FORMAT = "1.1.0"
_LEVEL = 1
_GZIP = 31
"""Window bits that mean a gzip header and trailer."""
_BLOCK = 512
_NAME = 100
"""Bytes of a name in a plain header."""


class ArchiveWriter:
    """A tarball that grows. What it is written to is not closed."""

    def __init__(self, file: IO[bytes], *, mtime: int) -> None:
        """A tarball with its format version in it.

        Args:
            file: where the compressed bytes go.
            mtime: time of all entries, in unix seconds.
        """
        self._file = file
        self._zip = isal_zlib.compressobj(_LEVEL, wbits=_GZIP)
        self._mtime = mtime
        self.items = 0
        self._entry("metadata/version", f"{FORMAT}\n".encode())

    def add(self, key: ItemKey, version: str, body: bytes) -> None:
        """Write an item.

        Args:
            key: which one.
            version: API version that `body` is in, the preferred one of its group.
            body: the object as JSON.
        """
        place = f"namespaces/{key.namespace}" if key.namespace else "cluster"
        for folder in ("", f"{version}-preferredversion/"):
            self._entry(f"resources/{key.resource}/{folder}{place}/{key.name}.json", body)
        self.items += 1

    def finish(self) -> None:
        """Write the end; nothing can be added afterwards."""
        self._write(bytes(2 * _BLOCK))
        self._file.write(self._zip.flush())

    def _entry(self, path: str, body: bytes) -> None:
        self._write(header(path, len(body), self._mtime))
        self._write(body)
        self._write(bytes(-len(body) % _BLOCK))

    def _write(self, data: bytes) -> None:
        if data:
            self._file.write(self._zip.compress(data))


def header(path: str, size: int, mtime: int) -> bytes:
    """The header of a regular file: mode 0755 and owner 0, as in Velero's tarballs."""
    name = path.encode()
    if len(name) > _NAME:
        return _long(path, size, mtime)
    front = b"%b0000755\0000000000\0000000000\000%011o\000%011o\000" % (name.ljust(_NAME, b"\0"), size, mtime)
    back = b"0".ljust(101, b"\0") + b"ustar\00000".ljust(255, b"\0")
    total = sum(front) + sum(back) + 8 * ord(" ")
    return front + b"%06o\0 " % total + back


def _long(path: str, size: int, mtime: int) -> bytes:
    info = tarfile.TarInfo(path)
    info.size, info.mtime, info.mode = size, mtime, 0o755
    return info.tobuf(tarfile.PAX_FORMAT)
