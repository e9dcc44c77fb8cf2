"""The items of a backup, in the order in which they were written, one at a time.

Nothing is unpacked to a disk. A path that leaves its place, a link, a device, a size beyond the limits: all are
refused by name before their content is read. Files that are no items are passed over, as Velero does.
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from holdfast.archive import paths
from holdfast.archive.errors import DamagedError, TooLargeError
from holdfast.archive.streams import Unzipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from holdfast.archive.paths import Place

T = TypeVar("T")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of what a stranger may have written.

    Attributes:
        item: bytes of one item; the API server takes 3 MiB, etcd half of that unless it was told otherwise.
        total: bytes of the decompressed tarball; Velero's own limit.
        entries: files in it.
    """

    item: int = 32 << 20
    total: int = 16 << 30
    entries: int = 4_000_000


LIMITS = Limits()


class _Object(msgspec.Struct):
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the tarball that is an item."""

    place: Place
    body: bytes

    def read(self, kind: type[T]) -> T:
        """The object, as far as a type names it.

        Raises:
            DamagedError: it is no object of such a form.
        """
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.MsgspecError as error:
            raise DamagedError(f"{self.place.key} cannot be read: {error}") from None

    def document(self) -> dict[str, Any]:
        """The whole object. Raises as `read`."""
        self.read(_Object)
        return self.read(dict[str, Any])


def entries(chunks: Iterable[bytes], *, title: str, limits: Limits = LIMITS) -> Iterator[Entry]:
    """Every file that is an item, also those that repeat one under its version.

    Args:
        chunks: the compressed tarball.
        title: what it is called in messages.
        limits: what is too much.

    Raises:
        DamagedError: it cannot be read to its end, or has what a backup never has.
        TooLargeError: it is beyond the limits.
    """
    stream = Unzipped(chunks, title=title, most=limits.total)
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK, tarinfo=_header(title, limits)) as tar:
            yield from _items_of(tar, title, limits)
        _drained(stream)
    except tarfile.TarError as error:
        raise DamagedError(f"{title} is no tarball, or is torn: {error}") from error


def items(chunks: Iterable[bytes], *, title: str, limits: Limits = LIMITS) -> Iterator[Entry]:
    """Every item once, as it is in the preferred version of its group. Raises as `entries`."""
    seen: set[bytes] = set()
    for entry in entries(chunks, title=title, limits=limits):
        if entry.place.preferred and (key := entry.place.key.digest) not in seen:
            seen.add(key)
            yield entry


def _items_of(tar: tarfile.TarFile, title: str, limits: Limits) -> Iterator[Entry]:
    count = 0
    while member := tar.next():
        tar.members.clear()  # type: ignore[attr-defined]
        if (count := count + 1) > limits.entries:
            raise TooLargeError(f"{title} has more than {limits.entries:,} files")
        _sized(member, title, limits)
        if not member.isdir() and (place := _place(member, title)) and (file := tar.extractfile(member)):
            yield Entry(place, file.read())


def _place(member: tarfile.TarInfo, title: str) -> Place | None:
    if not member.isfile():
        raise DamagedError(f"{title} has {member.name!r}, which is no regular file")
    if member.name.startswith("/") or ".." in member.name.split("/"):
        raise DamagedError(f"{title} has {member.name!r}, a path that leaves its place")
    return paths.understood(member.name)


def _sized(member: tarfile.TarInfo, title: str, limits: Limits) -> None:
    if member.size > limits.item:
        size, most = member.size >> 20, limits.item >> 20
        raise TooLargeError(f"{title} has {member.name!r} with {size} MiB; {most} are allowed")


def _drained(stream: Unzipped) -> None:
    """Read what follows the tarball's end, so that the checksum behind it is looked at."""
    while stream.read(_BLOCK):
        pass


def _header(title: str, limits: Limits) -> type[tarfile.TarInfo]:
    """Headers whose size is looked at before anything believes it; those of long names are read at once."""

    class Header(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            header = super().frombuf(buf, encoding, errors)
            _sized(header, title, limits)
            return header

    return Header
