"""Blobs, packs and the index.

A blob is a piece of a file (type `data`) or a folder (type `tree`), named by the SHA-256 of its plain bytes.
Each lies in an envelope of its own; in version 2 the content of the envelope may be a zstd frame. A pack is
many of them and a header:

`envelope of blob 1 || … || envelope of blob n || envelope of the header || length of the header's envelope (4)`

The header has one entry a blob, in order, so that offsets need not be stored: `kind (1) || length of the
envelope (4) || [plain length (4)] || SHA-256 (32)`. Kinds: 0 data, 1 tree, 2 compressed data, 3 compressed
tree; only the last two have a plain length. Numbers are little-endian.

Index files repeat what headers say, so that nobody needs to read all packs. A blob may be in several packs.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, NamedTuple

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .envelopes import Key

LENGTH_FIELD = 4
COMPRESSED = 2


class Blob(NamedTuple):
    """A name of a blob."""

    kind: str
    id: str


class Place(NamedTuple):
    """Where a blob lies."""

    pack: str
    offset: int
    length: int
    plain_length: int | None
    """Only of compressed blobs."""


def read_index(text: bytes) -> Iterator[tuple[Blob, Place]]:
    """What an index file says."""
    for pack in json.loads(text)["packs"]:
        for blob in pack["blobs"]:
            place = Place(pack["id"], blob["offset"], blob["length"], blob.get("uncompressed_length"))
            yield Blob(blob["type"], blob["id"]), place


def read_header(pack: bytes, pack_id: str, key: Key) -> list[tuple[Blob, Place]] | None:
    """What the header of a pack says; None when its MAC does not fit."""
    (length,) = struct.unpack("<I", pack[-LENGTH_FIELD:])
    header = key.open(pack[-LENGTH_FIELD - length : -LENGTH_FIELD])
    return None if header is None else list(_entries(header, pack_id))


def _entries(header: bytes, pack_id: str) -> Iterator[tuple[Blob, Place]]:
    position = offset = 0
    while position < len(header):
        kind = header[position]
        layout = struct.Struct("<BII32s" if kind >= COMPRESSED else "<BI32s")
        _, length, *plain_length, digest = layout.unpack_from(header, position)
        place = Place(pack_id, offset, length, plain_length[0] if plain_length else None)
        yield Blob("tree" if kind % 2 else "data", digest.hex()), place
        position += layout.size
        offset += length


def decompress(frame: bytes) -> bytes:
    """The content of one zstd frame."""
    return zstandard.ZstdDecompressor().decompressobj().decompress(frame)
