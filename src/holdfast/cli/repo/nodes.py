"""One file or folder of a snapshot, in a line or as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from holdfast.cli.repo.wording import size

if TYPE_CHECKING:
    from holdfast_engine import Node


def line(node: Node, *, long: bool, human: bool) -> str:
    """A node for people."""
    if not long:
        return node.path
    length = size(node.size) if human else f"{node.size:6}"
    changed = datetime.fromtimestamp(node.mtime_ns // 10**9).astimezone()
    target = f" -> {node.linktarget}" if node.type == "symlink" else ""
    return f"{node.permissions} {node.uid:5} {node.gid:5} {length} {changed:%Y-%m-%d %H:%M:%S} {node.path}{target}"


def document(node: Node) -> dict[str, object]:
    """A node as `ls --json` shows it."""
    return {
        "name": node.name,
        "type": node.type,
        "path": node.path,
        "uid": node.uid,
        "gid": node.gid,
        **({"size": node.size} if node.type == "file" else {}),
        **({"mode": node.go_mode} if node.go_mode else {}),
        "permissions": node.permissions,
        "mtime": node.mtime_text,
        "atime": node.atime_text,
        "ctime": node.ctime_text,
        **({"inode": node.inode} if node.inode else {}),
        "message_type": "node",
        "struct_type": "node",
    }
