r"""Folders and snapshots.

A folder is a blob of JSON, `{"nodes":[…]}` and a newline, its nodes sorted by the bytes of their names. A node
has what the file system knows of an entry (`mode`, `mtime`, `uid`, …); besides that a file has `content`, the
ids of its data blobs in order, and a folder has `subtree`, the id of the blob that lists it.

JSON cannot hold arbitrary bytes. So names are quoted as Go's `strconv.Quote` does it, and then once more for
JSON: the byte 0xff is `\\xff` in the text of the JSON, a quotation mark is `\\\"`. The target of a symbolic
link that is not UTF-8 has a second field, `linktarget_raw`, in base64.

A snapshot is a JSON file with the id of the folder that holds the roots: a backup of `/a/b` has a folder with
one entry `a`, that one an entry `b`.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ESCAPE = re.compile(rb'\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([abfnrtv\\"]))')
_LETTERS = dict(zip(b'abfnrtv\\"', b'\a\b\f\n\r\t\v\\"', strict=True))


@dataclass(frozen=True, slots=True)
class Node:
    """An entry of a folder."""

    path: bytes
    """From the root of the snapshot: `/a/b`."""
    kind: str
    """`file`, `dir`, `symlink`, `dev`, `chardev`, `fifo`, `socket` or `irregular`."""
    size: int
    content: tuple[str, ...]
    """Data blobs of a file."""
    subtree: str | None
    """Tree of a folder."""
    link_target: bytes
    fields: Mapping[str, Any]
    """All of the JSON, as it is stored."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A point in time."""

    id: str
    time: str
    """RFC 3339 with the offset of the machine's clock."""
    tree: str
    paths: tuple[str, ...]
    hostname: str
    tags: tuple[str, ...]
    fields: Mapping[str, Any]
    """All of the JSON, as it is stored."""


def read_tree(text: bytes, folder: bytes) -> Iterator[Node]:
    """The entries of the folder whose path is given, without a slash at the end."""
    for fields in json.loads(text)["nodes"]:
        yield Node(
            path=folder + b"/" + unquote(fields["name"]),
            kind=fields["type"],
            size=fields.get("size", 0),
            content=tuple(fields.get("content") or ()),
            subtree=fields.get("subtree"),
            link_target=_link_target(fields),
            fields=fields,
        )


def read_snapshot(text: bytes, snapshot: str) -> Snapshot:
    """The snapshot in a file of that id."""
    fields = json.loads(text)
    return Snapshot(
        id=snapshot,
        time=fields["time"],
        tree=fields["tree"],
        paths=tuple(fields["paths"]),
        hostname=fields.get("hostname", ""),
        tags=tuple(fields.get("tags") or ()),
        fields=fields,
    )


def unquote(name: str) -> bytes:
    """The bytes of a name as the JSON of a node has it."""
    return _ESCAPE.sub(_unescape, name.encode())


def _unescape(escape: re.Match[bytes]) -> bytes:
    byte, short, long, letter = escape.groups()
    if letter is not None:
        return bytes([_LETTERS[letter[0]]])
    if byte is not None:
        return bytes([int(byte, 16)])
    return chr(int(short or long, 16)).encode()


def _link_target(fields: Mapping[str, Any]) -> bytes:
    raw: str | None = fields.get("linktarget_raw")
    target: str = fields.get("linktarget", "")
    return target.encode() if raw is None else b64decode(raw)
