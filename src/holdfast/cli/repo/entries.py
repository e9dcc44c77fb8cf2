"""`ls`: what is in a snapshot, as restic lists it."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, TypedDict

from holdfast.cli.repo import ncdu
from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.listed import document as snapshot_document
from holdfast.cli.repo.nodes import document, line
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.wording import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import Node, Repository, Snapshot, SnapshotFilter


class LsFlags(TypedDict):
    """What `ls` is told."""

    args: tuple[str, ...]
    long: bool
    recursive: bool
    human_readable: bool
    ncdu: bool
    sort: str
    reverse: bool


SORTS: dict[str, Callable[[Node], int | str]] = {
    "size": lambda node: node.size,
    "time": lambda node: node.mtime_ns,
    "mtime": lambda node: node.mtime_ns,
    "atime": lambda node: node.atime_ns,
    "ctime": lambda node: node.ctime_ns,
    "extension": lambda node: node.name[node.name.rfind(".") :] if "." in node.name else "",
}
"""How else than by name."""


def show(settings: Settings, flags: LsFlags, selection: SnapshotFilter) -> None:
    """List what a snapshot holds.

    Raises:
        FatalError: no snapshot was named, or flags that do not go together.
    """
    _check(settings, flags)
    screen = Screen(settings)
    name, *folders = flags["args"]
    with opened(settings) as repository:
        snapshot = repository.snapshot(name, **selection)
        nodes = _ordered(_nodes(repository, snapshot, folders, flags), flags)
        if settings.json:
            screen.document(_head(repository, snapshot))
            for node in nodes:
                screen.document(document(node))
        elif flags["ncdu"]:
            for text in ncdu.lines(snapshot, nodes):
                screen.result(text)
        else:
            screen.say(f"{described(snapshot)} filtered by [{' '.join(folders)}]:")
            for node in nodes:
                screen.result(line(node, long=flags["long"], human=flags["human_readable"]))


def _head(repository: Repository, snapshot: Snapshot) -> dict[str, object]:
    """The snapshot, with the tree of the folder behind the colon of its name."""
    head = snapshot_document(snapshot) | {"message_type": "snapshot", "struct_type": "snapshot"}
    if snapshot.subfolder:
        head["tree"] = repository.node(snapshot.id, snapshot.subfolder).subtree
    return head


def _check(settings: Settings, flags: LsFlags) -> None:
    if not flags["args"]:
        raise FatalError("no snapshot ID specified, specify snapshot ID or use special ID 'latest'")
    if flags["ncdu"] and settings.json:
        raise FatalError("only either '--json' or '--ncdu' can be specified")
    if flags["ncdu"] and (flags["sort"] != "name" or flags["reverse"]):
        raise FatalError("--sort and --reverse are of no use with --ncdu")
    if any(not folder.startswith("/") for folder in flags["args"][1:]):
        raise FatalError("All path filters must be absolute, starting with a forward slash '/'")


def _nodes(
    repository: Repository, snapshot: Snapshot, folders: Sequence[str], flags: LsFlags
) -> Iterator[Node]:
    """Several folders may lie in each other: then everything is looked at once."""
    wanted = [os.fsencode(posixpath.normpath(folder)) for folder in folders]
    if not wanted or b"/" in wanted:
        return repository.ls(snapshot)
    if len(wanted) == 1 and not flags["ncdu"]:
        return _folder(repository, snapshot, wanted[0], flags)
    return (node for node in repository.ls(snapshot) if _is_wanted(node, wanted, flags))


def _folder(repository: Repository, snapshot: Snapshot, folder: bytes, flags: LsFlags) -> Iterator[Node]:
    from holdfast_engine.errors import MissingError

    try:
        node = repository.node(snapshot, folder)
    except MissingError:
        return
    yield node
    if node.type == "dir":
        yield from repository.ls(snapshot, folder, recursive=flags["recursive"])


def _is_wanted(node: Node, wanted: Sequence[bytes], flags: LsFlags) -> bool:
    path, parent = node.raw_path, posixpath.dirname(node.raw_path)
    if path in wanted or parent in wanted:
        return True
    deep = flags["recursive"] or flags["ncdu"]
    return any(
        (deep and path.startswith(folder + b"/")) or (flags["ncdu"] and folder.startswith(path + b"/"))
        for folder in wanted
    )


def _ordered(nodes: Iterator[Node], flags: LsFlags) -> Iterable[Node]:
    key = SORTS.get(flags["sort"])
    if key:
        nodes = iter(sorted(nodes, key=lambda node: (key(node), node.raw_path)))
    return reversed([*nodes]) if flags["reverse"] else nodes
