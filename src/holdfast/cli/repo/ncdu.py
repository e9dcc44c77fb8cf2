"""A snapshot as `ncdu -f -` reads it: a folder is a list that begins with itself.

https://dev.yorhel.nl/ncdu/jsonfmt
"""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast_engine import Node, Snapshot

BLOCK = 512


def lines(snapshot: Snapshot, nodes: Iterable[Node]) -> Iterator[str]:
    """All of it; `nodes` are each folder before what is in it."""
    before, depth = f'[1, 2, {snapshot.to_json().decode()}, [{{"name":"/"}}', 1
    for node in nodes:
        level = node.raw_path.count(b"/")
        ends = [_indented(above, "]") for above in range(depth - 1, level - 1, -1)]
        *closed, last = [before, *ends]
        yield from closed
        yield f"{last},"
        is_folder = node.type == "dir"
        if is_folder:
            yield _indented(level, "[")
        depth = level + is_folder
        before = _indented(depth, json.dumps(_entry(node), ensure_ascii=False, separators=(",", ":")))
    yield before
    yield from (_indented(above, "]") for above in range(depth - 1, -1, -1))
    yield "]"


def _indented(depth: int, text: str) -> str:
    return "  " * depth + text


def _entry(node: Node) -> dict[str, object]:
    return {
        "name": node.name,
        "asize": node.size,
        "dsize": -(-node.size // BLOCK) * BLOCK,
        "dev": node.device_id,
        "ino": node.inode,
        "nlink": node.links,
        "notreg": node.type not in {"dir", "file"},
        "uid": node.uid,
        "gid": node.gid,
        "mode": stat.S_IMODE(node.mode),
        "mtime": max(node.mtime_ns // 10**9, 0),
    }
