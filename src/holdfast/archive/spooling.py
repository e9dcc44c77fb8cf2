"""Very many objects on a disk instead of in memory: an unlinked file that ends with the process, and an index."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.policy.differing import wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Self

    from holdfast.archive.paths import ItemKey
    from holdfast.archive.tarballs import Entry


@dataclass(frozen=True, slots=True)
class _Kept:
    digest: bytes
    offset: int
    size: int


class Spool:
    """Objects by their place, without what servers write into them (`policy.differing.wanted`).

    Open while it is used as a context. Only the index is in memory, some 300 bytes an object; secrets among
    the objects stand in a file that nobody else can open.
    """

    def __init__(self, *, status: bool = False) -> None:
        """An empty one; with `status`, that part of objects is kept, too."""
        self._status = status
        self._index: dict[ItemKey, _Kept] = {}
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by __exit__)
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[ItemKey]:
        return iter(self._index)

    def __contains__(self, key: ItemKey) -> bool:
        return key in self._index

    def __getitem__(self, key: ItemKey) -> dict[str, Any]:
        """The object, decoded."""
        kept = self._index[key]
        self._file.seek(kept.offset)
        document: dict[str, Any] = msgspec.json.decode(self._file.read(kept.size))
        return document

    def add(self, key: ItemKey, document: dict[str, Any]) -> None:
        """Keep an object."""
        body = msgspec.json.encode(wanted(document, status=self._status), order="sorted")
        digest = hashlib.blake2b(body, digest_size=16).digest()
        self._file.seek(self._end)
        self._file.write(body)
        self._index[key] = _Kept(digest, self._end, len(body))
        self._end += len(body)

    def take(self, entries: Iterable[Entry]) -> None:
        """Keep entries of a backup."""
        for entry in entries:
            self.add(entry.place.key, entry.document())

    def same(self, key: ItemKey, other: Spool) -> bool:
        """Whether both have the same object at a place."""
        return self._index[key].digest == other._index[key].digest
