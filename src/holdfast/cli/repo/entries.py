"""What is in a snapshot, listed as restic lists it: paths, long lines, JSON, ncdu."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypedDict

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.listed import document
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.wording import described, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import Node, Repository, Snapshot, SnapshotFilter

BLOCK = 512


class LsFlags(TypedDict):
    """What `ls` is told."""

    args: tuple[str, ...]
    long: bool
    recursive: bool
    human_readable: bool
    ncdu: bool
    sort: str
    reverse: bool


SORTS: dict[str, Callable[[Node], Any]] = {
    "name": lambda node: node.raw_path,
    "size": lambda node: (node.size, node.raw_path),
    "time": lambda node: (node.mtime_ns, node.raw_path),
    "mtime": lambda node: (node.mtime_ns, node.raw_path),
    "atime": lambda node: (node.atime_ns, node.raw_path),
    "ctime": lambda node: (node.ctime_ns, node.raw_path),
    "extension": lambda node: (PurePosixPath(node.name).suffix, node.raw_path),
}


def show(settings: Settings, flags: LsFlags, selection: SnapshotFilter) -> None:
    """List what a snapshot holds."""
    _check(settings, flags)
    screen = Screen(settings)
    with opened(settings) as repository:
        snapshot = repository.snapshot(flags["args"][0], **selection)
        nodes = _ordered(_nodes(repository, snapshot, flags), flags)
        if settings.json:
            screen.document(document(snapshot) | {"message_type": "snapshot", "struct_type": "snapshot"})
            for node in nodes:
                screen.document(node_document(node))
        elif flags["ncdu"]:
            _ncdu(screen, snapshot, nodes)
        else:
            folders = " ".join(flags["args"][1:])
            screen.say(f"{described(snapshot)} filtered by [{folders}]:")
            for node in nodes:
                screen.result(line(node, long=flags["long"], human=flags["human_readable"]))


def line(node: Node, *, long: bool, human: bool) -> str:
    """A node for people."""
    if not long:
        return node.path
    length = size(node.size) if human else f"{node.size:6}"
    changed = datetime.fromtimestamp(node.mtime_ns // 10**9).astimezone()
    target = f" -> {node.linktarget}" if node.type == "symlink" else ""
    return f"{node.permissions} {node.uid:5} {node.gid:5} {length} {changed:%Y-%m-%d %H:%M:%S} {node.path}{target}"


def node_document(node: Node) -> dict[str, Any]:
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


def _check(settings: Settings, flags: LsFlags) -> None:
    if not flags["args"]:
        raise FatalError("no snapshot ID specified, specify snapshot ID or use special ID 'latest'")
    if flags["ncdu"] and (settings.json or flags["sort"] != "name" or flags["reverse"]):
        raise FatalError("--ncdu cannot be used together with --json, --sort or --reverse")
    if any(not folder.startswith("/") for folder in flags["args"][1:]):
        raise FatalError("All path filters must be absolute, starting with a forward slash '/'")


def _nodes(repository: Repository, snapshot: Snapshot, flags: LsFlags) -> Iterator[Node]:
    folders = [os.path.normpath(folder) for folder in flags["args"][1:]]
    if not folders or flags["ncdu"]:
        yield from repository.ls(snapshot)
        return
    for folder in folders:
        if folder != "/":
            yield repository.node(snapshot, folder)
        yield from repository.ls(snapshot, folder, recursive=flags["recursive"])


def _ordered(nodes: Iterable[Node], flags: LsFlags) -> Iterable[Node]:
    if flags["sort"] == "name" and not flags["reverse"]:
        return nodes
    newest_first = flags["sort"] in {"size", "time", "mtime", "atime", "ctime"}
    return sorted(nodes, key=SORTS[flags["sort"]], reverse=newest_first != flags["reverse"])


def _ncdu(screen: Screen, snapshot: Snapshot, nodes: Iterable[Node]) -> None:
    """https://dev.yorhel.nl/ncdu/jsonfmt: a folder is a list that begins with itself."""
    import json

    screen.result(f'[1, 2, {snapshot.to_json().decode()}, [{{"name":"/"}}')
    depth = 1
    for node in nodes:
        level = node.raw_path.count(b"/")
        for above in range(depth - 1, level - 1, -1):
            screen.result("  " * above + "]")
        entry = json.dumps(_ncdu_entry(node), ensure_ascii=False, separators=(",", ":"))
        screen.result("  " * level + "," + ("[" if node.type == "dir" else "") + entry)
        depth = level + (node.type == "dir")
    for above in range(depth - 1, -1, -1):
        screen.result("  " * above + "]")
    screen.result("]")


def _ncdu_entry(node: Node) -> dict[str, Any]:
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
