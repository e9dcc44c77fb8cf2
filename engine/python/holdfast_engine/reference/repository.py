"""The files of a repository, and the way from a password to the bytes of a file.

    password + keys/<id>      → master key
    master key + index/*      → place of every blob
    master key + snapshots/*  → root trees
    tree blob → nodes → subtrees … → data blobs → the file

In version 1 the content of the envelopes of index and snapshot files is JSON. In version 2 its first byte
tells: `{` or `[` is JSON, 2 stands before a zstd frame of it. `config` is always plain JSON in its envelope.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from holdfast_engine.errors import DamagedError, MissingError, NoRepositoryError, WrongPasswordError

from .envelopes import Key, master_key
from .packs import Blob, Place, decompress, read_index
from .trees import Node, Snapshot, read_snapshot, read_tree

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

VERSIONS = (1, 2)
ZSTD = b"\x02"


@dataclass(frozen=True, slots=True)
class Repository:
    """A local repository, open for reading."""

    folder: Path
    key: Key = field(repr=False)
    config: Mapping[str, Any]
    index: Mapping[Blob, Place] = field(repr=False)

    @classmethod
    def open(cls, folder: str | os.PathLike[str], password: str) -> Self:
        """Tries every key, and loads the whole index."""
        path = Path(folder)
        if not (path / "config").is_file():
            raise NoRepositoryError(
                f"no repository at {path}: there is no file config", str(path), "no file config"
            )
        key = _find_key(path, password)
        config = json.loads(_unseal(key, (path / "config").read_bytes(), "config"))
        if config["version"] not in VERSIONS:
            raise DamagedError(f"config names version {config['version']}", "config", "unknown version")
        index: dict[Blob, Place] = {}
        for text in _documents(path, "index", key).values():
            index.update(read_index(text))
        return cls(path, key, config, index)

    def snapshots(self) -> list[Snapshot]:
        """All snapshots, in order of their ids."""
        documents = _documents(self.folder, "snapshots", self.key)
        return [read_snapshot(text, name) for name, text in documents.items()]

    def walk(self, tree: str, folder: bytes = b"") -> Iterator[Node]:
        """Every entry below a tree; a folder comes before what is in it."""
        for node in read_tree(self.blob(Blob("tree", tree)), folder):
            yield node
            if node.subtree is not None:
                yield from self.walk(node.subtree, node.path)

    def read(self, node: Node) -> Iterator[bytes]:
        """The bytes of a file, piece by piece."""
        return (self.blob(Blob("data", blob)) for blob in node.content)

    def blob(self, blob: Blob) -> bytes:
        """The plain bytes of a blob."""
        what = f"{blob.kind} blob {blob.id}"
        place = self.index.get(blob)
        if place is None:
            raise MissingError(f"{what} is not in the index", what)
        with (self.folder / "data" / place.pack[:2] / place.pack).open("rb") as pack:
            pack.seek(place.offset)
            content = _unseal(self.key, pack.read(place.length), what)
        plain = content if place.plain_length is None else decompress(content)
        _prove(plain, blob.id, what)
        return plain


def _find_key(folder: Path, password: str) -> Key:
    for path in sorted((folder / "keys").iterdir()):
        key = master_key(path.read_bytes(), password)
        if key is not None:
            return key
    raise WrongPasswordError("wrong password or no key found")


def _documents(folder: Path, kind: str, key: Key) -> dict[str, bytes]:
    """The JSON of every file of a kind, by id."""
    return {path.name: _document(path, kind, key) for path in sorted((folder / kind).iterdir())}


def _document(path: Path, kind: str, key: Key) -> bytes:
    what = f"{kind}/{path.name}"
    stored = path.read_bytes()
    _prove(stored, path.name, what)
    content = _unseal(key, stored, what)
    return decompress(content[1:]) if content.startswith(ZSTD) else content


def _unseal(key: Key, envelope: bytes, what: str) -> bytes:
    content = key.open(envelope)
    if content is None:
        raise DamagedError(f"{what} is damaged: its MAC does not fit", what, "its MAC does not fit")
    return content


def _prove(content: bytes, name: str, what: str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if digest != name:
        raise DamagedError(f"{what} is damaged: its SHA-256 is {digest}", what, f"its SHA-256 is {digest}")
